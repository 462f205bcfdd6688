"""Passwords become hashes here, and nowhere else.

argon2id with the parameters of RFC 9106's second profile, as argon2-cffi has them: 64 MiB, three passes, four lanes.
One hash takes 0.2 s and more of a processor, so it runs in a thread, and few of them at once.
"""

import os
from base64 import b64encode
from contextlib import AbstractAsyncContextManager
from unicodedata import normalize

from argon2 import Parameters, extract_parameters
from argon2 import PasswordHasher as Argon2
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY

from .capacity import hashes_at_once, hashing_processors
from .workers import Place, Workers

# Characters; promise 12. NIST SP 800-63B-4 asks for at least 64.
LONGEST_PASSWORD = 256
# A character of Unicode's composed form stands for at most four of the decomposed one. Checked before normalising,
# whose time can grow with the square of the length: a megabyte of combining marks would keep us busy for minutes.
LONGEST_TYPED = 4 * LONGEST_PASSWORD

# Waiting hashes for each processor that computes them. At 0.2 s a hash the last one is done after 2.6 s, and where it
# takes half as long again still in time for what its request asks the stores afterwards (deadline.PATIENCE).
QUEUE_PER_PROCESSOR = 12
# Seconds after which those who found the queue full may try again: by then it has emptied.
BUSY_WAIT = 5
# Stands before a hash that lets nobody in. No hash begins with it, so none is verified by it.
LOCK = "!"


class PasswordHasher:
    """Hashes and verifies off the event loop.

    ``processes`` is how many processes share this machine's memory; ``threads`` overrides how many hashes are
    computed at once, which is otherwise worked out from the machine.
    """

    def __init__(
        self, parameters: Parameters = RFC_9106_LOW_MEMORY, *, processes: int = 1, threads: int | None = None
    ) -> None:
        self._argon2 = Argon2.from_parameters(parameters)
        self._reference = _hash_of_nothing(parameters)
        lanes = parameters.parallelism
        threads = threads or hashes_at_once(parameters.memory_cost * 1024, lanes, processes)
        queue = QUEUE_PER_PROCESSOR * min(threads * lanes, hashing_processors())
        self._workers = Workers("argon2", threads=threads, queue=queue, wait=BUSY_WAIT)

    def turn(self) -> AbstractAsyncContextManager[Place]:
        """Wait in the queue for one password, until it is nearly its turn; raises Busy when there is no place."""
        return self._workers.turn()

    async def hash(self, password: str) -> str:
        """Give the hash to keep for ``password``; raises ValueError as ``normalise`` does, and Busy."""
        return await self._workers.run(self._argon2.hash, normalise(password).encode())

    async def verify(self, password: str, password_hash: str | None, place: Place) -> bool:
        """Tell whether ``password`` belongs to ``password_hash``, at the ``place`` that was kept for it.

        Where there is no hash, because the account is unknown, or a damaged one, the same work is done on a reference
        hash: the time of the answer tells nobody which emails have an account (promise 11). Only a hash with older
        parameters takes the time of those, until its owner's next sign-in renews it.
        """
        try:
            secret = normalise(password).encode()
        except ValueError:
            secret, password_hash = b"", None
        return await self._workers.run_at(place, self._verify, secret, password_hash)

    def outdated(self, password_hash: str) -> bool:
        """Tell whether ``password_hash`` was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Take no more passwords."""
        self._workers.close()

    def _verify(self, secret: bytes, password_hash: str | None) -> bool:
        if password_hash is None or not _whole(password_hash):
            password_hash = self._reference
        try:
            return self._argon2.verify(password_hash, secret)
        except Argon2Error:
            return False


def normalise(password: str) -> str:
    """Bring ``password`` into Unicode's composed form (NFC), as NIST SP 800-63B-4 (3.1.1.2) has it.

    The same password typed on another keyboard can arrive in another form. Nothing else is changed. Raises
    ValueError, with words for the person, when it is absurdly long or no text at all (a lone surrogate).
    """
    if len(password) > LONGEST_TYPED:
        raise ValueError(f"Use at most {LONGEST_PASSWORD} characters.")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise ValueError("This password holds a character that is not valid text.") from None
    return normalize("NFC", password)


def _hash_of_nothing(parameters: Parameters) -> str:
    # In argon2's own notation, with random bytes where the result would stand: no password leads to it.
    salt, result = (_unpadded(os.urandom(size)) for size in (parameters.salt_len, parameters.hash_len))
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${result}"


def _unpadded(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _whole(password_hash: str) -> bool:
    try:
        extract_parameters(password_hash)
    except InvalidHashError:
        return False
    return password_hash.isascii()


def locked(password_hash: str) -> str:
    """Give what to keep where nobody may get in by a password; the password is known by it nevertheless."""
    return LOCK + unlocked(password_hash)


def unlocked(password_hash: str) -> str:
    """Give the hash of a password, locked or not."""
    return password_hash.removeprefix(LOCK)
