"""How often each kind of request may come from one network, or in one session.

These limits are no lock: what is guessed has limits of its own (``attempts``), and so have mails (``mails``). They keep
one caller from taking all of the hashing, all of the memory and all of the database to himself. So they are as wide as
an office, a school or a mobile provider behind one address needs them, and those of sessions as nobody's fingers
reach. Sessions are counted one by one: a thief in one of them uses up nothing that its owner needs to put him out.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from math import ceil
from pathlib import Path

from webapp.errors import TooManyTries
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script
from webapp.setting_values import Rate
from webapp.shielding import shielded

SCRIPTS = Path(__file__).with_name("scripts")

MINUTE, HOUR = 60, 60 * 60

# For people who are not signed in: by network.
BY_NETWORK = {
    # Each opens an account and hashes a password: a thousand of them keep one processor busy for five minutes. A school
    # has that many people to register on its first day.
    "register": Rate(1000, HOUR),
    # Asked for in each pause while a password is typed, some ten times in all: so for three hundred people at a time.
    "strength": Rate(3000, 10 * MINUTE),
    # Each writes a line into SQL. Well above what mails allow a network, so that a refusal tells nothing about them.
    "forgot": Rate(1000, HOUR),
    # Each hashes a password twice. A letter to everybody in an office, "please choose new passwords", leads here.
    "reset": Rate(300, 10 * MINUTE),
    # Each looks a link up. Everybody who registers comes once, and somebody who presses twice is no attacker.
    "confirm-email": Rate(600, 10 * MINUTE),
    # A rare day, on which an address is brought back: whole offices have no such days.
    "restore-email": Rate(60, 10 * MINUTE),
    # As rare: somebody says by a link that a sign-in was not his.
    "not-me": Rate(60, 10 * MINUTE),
}
# For people who are signed in: by session.
BY_SESSION = {
    # Each may hash a password, right or wrong; wrong ones have LOGIN_LIMIT besides. Four a minute are no person.
    "password": Rate(60, 15 * MINUTE),
    # Each reads all that there is of somebody, thousands of lines of history too. Nobody reads ten of them in an hour.
    "export": Rate(10, HOUR),
    # Each may send a mail, of which an address gets five a day; the others only ask SQL.
    "resend": Rate(30, HOUR),
    # Names and devices: somebody who names and then ends fifty devices, one by one, and that three times over.
    "acts": Rate(300, 10 * MINUTE),
}
# Of what visitors ask for, the answers that tell something about others: by network.
BY_ANSWER = {
    # That an email has an account. People are told so of their own or their family's; lists are tried out in thousands.
    "taken": Rate(60, HOUR),
}
LIMITS = BY_NETWORK | BY_SESSION | BY_ANSWER


class RouteLimits:
    """Counts requests by a name of LIMITS and by who sends them."""

    def __init__(self, redis: RedisClient) -> None:
        # Not lasting: requests that a failover forgets may come again, and no more than that.
        self._take = Script(redis, (SCRIPTS / "take_one.lua").read_text("utf-8"))
        self._give_back = Script(redis, (SCRIPTS / "give_back.lua").read_text("utf-8"))

    @shielded
    async def take(self, name: str, subject: str) -> None:
        """Count a request before it is worked on; ``subject`` is a network or the id of a session.

        Raises TooManyTries with the seconds after which the next is allowed, and StoreUnavailable.
        """
        limit = LIMITS[name]
        wait: int = await self._take([_key(name, subject)], 0, limit.seconds * 1000, limit.times)
        if wait > 0:
            raise TooManyTries(ceil(wait / 1000))

    @shielded
    async def give_back(self, name: str, subject: str) -> None:
        """Count one less: what was taken before came to nothing. Raises StoreUnavailable."""
        await self._give_back([_key(name, subject)])


def _key(name: str, subject: str) -> str:
    # A hash, since lists of keys end up in terminals and logs, and in it the key of a cluster's slot.
    digest = sha256(subject.encode()).digest()[:16]
    return f"throttle:requests:{{{urlsafe_b64encode(digest).decode().rstrip('=')}}}:{name}"
