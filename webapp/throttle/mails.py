"""How often a mail may be sent that anybody can ask for: nobody's inbox is flooded through us."""

from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path

from webapp.errors import TooManyTries
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script
from webapp.shielding import shielded

SCRIPTS = Path(__file__).with_name("scripts")

HOUR, DAY = 60 * 60, 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many mails in so many seconds, and a pause of so many between two."""

    times: int
    seconds: int = DAY
    pause: int = 0


# Two minutes are long enough for a mail to arrive, and short enough to be waited for by somebody who looks into the
# wrong folder.
USUAL = Allowance(5, DAY, pause=2 * 60)
# What is counted otherwise, by purposes.
OTHERWISE = {
    # New addresses that one account names, whatever they are: nobody has us write to strangers all day, and a slip can
    # be mended at once.
    "change-by": Allowance(10),
    # Resets that one network asks for. Each address that somebody invents is a key for a day, and the sessions live in
    # the same Redis. An office or a school behind one address has that many people who forget.
    "reset-from": Allowance(200, HOUR),
    # Notices of what was done to an account. Who has its password could do it all day; to an address that nobody has
    # proven, which may be a stranger's, they are few.
    "notice": Allowance(20),
    "notice-unproven": Allowance(3),
    # Notices that a thief is in, or may be: apart from the others and from each other, since whoever is in can cause as
    # many of those as there are. Who had five of these today knows what is the matter.
    "two-places": Allowance(5),
    "new-sign-in": Allowance(5),
}

# The braces are a cluster's hash tag, as for all keys of the throttle.
KEY = "throttle:mails:{{{subject}}}:{purpose}"


class MailLimit:
    """Allows one mail each two minutes, and five a day, for each purpose and address, unless OTHERWISE says so."""

    def __init__(self, redis: RedisClient) -> None:
        # Not lasting: mails that a failover forgets are mails that may be sent again, and no more than that.
        self._take = Script(redis, (SCRIPTS / "take_one.lua").read_text("utf-8"))
        self._give_back = Script(redis, (SCRIPTS / "give_back.lua").read_text("utf-8"))

    @shielded
    async def take(self, purpose: str, subject: str) -> None:
        """Count a mail before it is written, so that parallel requests count as well.

        ``purpose`` is a word of ours; ``subject`` is what it is counted by, such as the key of an email. Raises
        TooManyTries with the seconds after which the next is allowed, and StoreUnavailable.
        """
        allowed = OTHERWISE.get(purpose, USUAL)
        limits = allowed.pause * 1000, allowed.seconds * 1000, allowed.times
        wait: int = await self._take([_key(purpose, subject)], *limits)
        if wait > 0:
            raise TooManyTries(ceil(wait / 1000))

    @shielded
    async def give_back(self, purpose: str, subject: str) -> None:
        """Count one less: what was taken before came to nothing. Raises StoreUnavailable."""
        await self._give_back([_key(purpose, subject)])


def _key(purpose: str, subject: str) -> str:
    # A hash, since lists of keys end up in terminals and logs.
    return KEY.format(subject=sha256(subject.encode()).hexdigest(), purpose=purpose)
