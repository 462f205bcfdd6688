"""How often somebody may try to sign in (ASVS 6.3.1)."""

from hashlib import sha256
from math import ceil
from pathlib import Path

from webapp.errors import TooManyTries
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script
from webapp.setting_values import Rate
from webapp.shielding import shielded

SCRIPTS = Path(__file__).with_name("scripts")

# One password tried on many accounts (spraying) stays below every account's own limit, so a network has a limit over
# all accounts too. Ten times as wide: an office or a school behind one address has that many people who mistype.
NETWORK_FACTOR = 10

# The braces are a cluster's hash tag: both keys of a try live in one slot, where one script can reach them.
NETWORK_KEY = "throttle:{{{network}}}"
PAIR_KEY = NETWORK_KEY + ":{email}"
# An empty hash tag is none at all, and would scatter the keys.
UNKNOWN_NETWORK = "unknown"


class SignInAttempts:
    """Counts tries for each account from each network, and for each network over all accounts.

    Counting by account alone would let anybody lock anybody else out (ASVS 6.1.1), counting by network alone would give
    every new network a fresh start on all accounts at once.
    """

    def __init__(self, redis: RedisClient, rate: Rate) -> None:
        self._window = rate.seconds
        self._limits = (rate.times, rate.times * NETWORK_FACTOR)
        self._take = _script(redis, "take")
        self._clear = _script(redis, "clear")

    @shielded
    async def take(self, email_key: str, network: str) -> None:
        """Count a try before the password is looked at, so that parallel guesses count as well.

        ``email_key`` is what emails are compared by, ``network`` comes from ``network_of``. Raises TooManyTries with
        the seconds after which the next try is allowed, and StoreUnavailable.
        """
        wait: int = await self._take(_keys(email_key, network), self._window * 1000, *self._limits)
        if wait > 0:
            raise TooManyTries(ceil(wait / 1000))

    @shielded
    async def clear(self, email_key: str, network: str) -> None:
        """Forget this account's tries from this network after a right password; raises StoreUnavailable."""
        await self._clear(_keys(email_key, network))


def _script(redis: RedisClient, name: str) -> Script:
    # Not lasting: tries that a failover forgets are tries given back, and no promise is broken by that.
    return Script(redis, (SCRIPTS / f"{name}.lua").read_text("utf-8"))


def _keys(email_key: str, network: str) -> list[str]:
    # A hash, since lists of keys end up in terminals and logs; it also gives every email the same short length.
    email = sha256(email_key.encode()).hexdigest()
    network = network or UNKNOWN_NETWORK
    return [PAIR_KEY.format(network=network, email=email), NETWORK_KEY.format(network=network)]
