"""How often somebody may try to sign in (ASVS 6.3.1).

Whoever guesses must be stopped, and must not be able to lock the owner out (ASVS 6.1.1). So there are two kinds of
tries. Those from a browser that the account knows are counted for that browser alone: whatever others do, its owner can
sign in there. All others have four limits, and share them with everybody who guesses.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from math import ceil
from pathlib import Path

from webapp.errors import NewBrowsersRefused, TooManyTries
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script
from webapp.setting_values import Rate
from webapp.shielding import shielded

SCRIPTS = Path(__file__).with_name("scripts")

# One password tried on many accounts (spraying) stays below every account's own limit, so a network has a limit over
# all accounts too. Ten times as wide: an office or a school behind one address has that many people who mistype.
NETWORK_FACTOR = 10
# And many networks, each below its own limit, are one attacker with a list of stolen passwords: forty such networks at
# once. Two thousand people who mistype within a quarter of an hour would be a site with hundreds of thousands of users;
# it raises LOGIN_LIMIT. This is also what bounds how many emails somebody can invent, each of which is a key.
SITE_FACTOR = 400
# Consecutive failures after which an account takes no more of them (NIST SP 800-63B-4, 3.2.2), from new browsers.
FAILURES = 100
# A row of failures is over when as many days have passed without another one as there are failures in it, 30 at the
# most. So a slip is forgotten tomorrow, and so is an email that somebody invented; and whoever stops just short of the
# limit, again and again, has no more than a hundred guesses a month.
STEP = 24 * 60 * 60
MOST_STEPS = 30
# Right passwords of an account in an hour, from all browsers together that it does not know, and from each that it
# knows: twelve times the limit of wrong ones, which is one a minute. Each writes a session and a line of history, and
# whoever has a password, of his own account for instance, could fill Redis and the database with them.
RIGHT_FACTOR = 12
RIGHT_SECONDS = 60 * 60

# The braces are a cluster's hash tag: all keys of a try live in one slot, where one script can reach them.
TRIES = "throttle:{tries}"
SITE_KEY = f"{TRIES}:site"
# 128 bits of a hash tell emails apart, and there may be a hundred thousand of these keys.
FINGERPRINT_BYTES = 16
UNKNOWN_NETWORK = "unknown"


class SignInAttempts:
    """Counts tries: for each account from each network, network and site, and those that failed in a row.

    ``email_key`` is what emails are compared by, ``network`` comes from ``network_of``, and ``known`` is anything that
    stands for a browser that the account knows; "" is a browser that it does not know. Nothing depends on whether there
    is an account. All methods raise StoreUnavailable.
    """

    def __init__(self, redis: RedisClient, rate: Rate) -> None:
        self._window = rate.seconds
        self._times = rate.times
        self._take = _script(redis, "take")
        self._let_in = _script(redis, "let_in")
        self._forget = _script(redis, "forget")

    @shielded
    async def take(self, email_key: str, network: str, known: str = "") -> int:
        """Count a try before the password is looked at, so that parallel guesses count as well.

        Gives how many tries of the account from browsers that it does not know will have failed in a row if this one
        does; 0 for one from a browser that it knows. Raises TooManyTries with the seconds after which the next try is
        allowed, or its child NewBrowsersRefused.
        """
        keys, limits = self._limited(_fingerprint(email_key), network, known)
        row = (self._window * 1000, FAILURES, STEP, MOST_STEPS)
        wait, failures = map(int, await self._take(keys, *row, *limits))
        if wait > 0:
            raise (NewBrowsersRefused if failures else TooManyTries)(ceil(wait / 1000))
        return failures

    @shielded
    async def clear(self, email_key: str, network: str, known: str = "") -> None:
        """Forget, after a right password, the tries of this browser or network and the row of failures.

        Raises TooManyTries where there were too many right ones. That tells only those who know the password.
        """
        email = _fingerprint(email_key)
        shared = [] if known else _shared(network)
        keys = [_failures(email), _right(email, known), _own(email, network, known), *shared]
        wait: int = await self._let_in(keys, RIGHT_SECONDS * 1000, self._times * RIGHT_FACTOR)
        if wait > 0:
            raise TooManyTries(ceil(wait / 1000))

    @shielded
    async def forgive(self, email_key: str) -> None:
        """Let new browsers try again, after an account's owner has chosen a new password by mail."""
        email = _fingerprint(email_key)
        await self._forget([_failures(email), _right(email, known="")])

    def _limited(self, email: str, network: str, known: str) -> tuple[list[str], list[int]]:
        """Give the keys of a try, and the limits of those that are lists."""
        own = _own(email, network, known)
        if known:
            return [own], [self._times]
        limits = [self._times, self._times * NETWORK_FACTOR, self._times * SITE_FACTOR]
        return [own, *_shared(network), _failures(email)], limits


def _script(redis: RedisClient, name: str) -> Script:
    # Not lasting: tries that a failover forgets are tries given back, and no promise is broken by that.
    return Script(redis, (SCRIPTS / f"{name}.lua").read_text("utf-8"))


def _own(email: str, network: str, known: str) -> str:
    """Give the key of this account's tries from here."""
    if known:
        return f"{TRIES}:browser:{email}:{_fingerprint(known)}"
    return f"{TRIES}:pair:{email}:{network or UNKNOWN_NETWORK}"


def _right(email: str, known: str) -> str:
    """Give the key of the account's right passwords: a thief's shall not keep a browser out that it knows."""
    return f"{TRIES}:right:{email}:{_fingerprint(known) if known else 'new'}"


def _shared(network: str) -> list[str]:
    return [f"{TRIES}:network:{network or UNKNOWN_NETWORK}", SITE_KEY]


def _failures(email: str) -> str:
    return f"{TRIES}:failures:{email}"


def _fingerprint(text: str) -> str:
    # A hash, since lists of keys end up in terminals and logs; it also gives every email the same short length.
    digest = sha256(text.encode()).digest()
    return urlsafe_b64encode(digest[:FINGERPRINT_BYTES]).decode().rstrip("=")
