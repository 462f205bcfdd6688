"""How often a mail may be sent that anybody can ask for: nobody's inbox is flooded through us."""

from hashlib import sha256
from math import ceil
from pathlib import Path

from webapp.errors import TooManyTries
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script
from webapp.shielding import shielded

SCRIPT = Path(__file__).with_name("scripts") / "take_mail.lua"

# Long enough for a mail to arrive, short enough to be waited for by somebody who looks into the wrong folder.
PAUSE = 2 * 60
DAY = 24 * 60 * 60
DAILY = 5
# Seconds between two, and how many a day, where it is counted otherwise. "change-by" counts new addresses that one
# account names, whatever they are: nobody has us write to strangers all day, and a slip can be mended at once.
OTHERWISE = {"change-by": (0, 10)}

# The braces are a cluster's hash tag, as for all keys of the throttle.
KEY = "throttle:mails:{{{email}}}:{purpose}"


class MailLimit:
    """Allows one mail each two minutes, and five a day, for each purpose and address, unless OTHERWISE says so.

    There is no limit by who asks: it would tell one person that another has asked, and an office behind one address is
    many people.
    """

    def __init__(self, redis: RedisClient) -> None:
        # Not lasting: mails that a failover forgets are mails that may be sent again, and no more than that.
        self._take = Script(redis, SCRIPT.read_text("utf-8"))

    @shielded
    async def take(self, purpose: str, email_key: str) -> None:
        """Count a mail before it is written, so that parallel requests count as well.

        ``purpose`` is a word of ours, ``email_key`` what emails are compared by. Raises TooManyTries with the seconds
        after which the next is allowed, and StoreUnavailable.
        """
        pause, daily = OTHERWISE.get(purpose, (PAUSE, DAILY))
        wait: int = await self._take([_key(purpose, email_key)], pause * 1000, DAY * 1000, daily)
        if wait > 0:
            raise TooManyTries(ceil(wait / 1000))


def _key(purpose: str, email_key: str) -> str:
    # A hash, since lists of keys end up in terminals and logs.
    return KEY.format(email=sha256(email_key.encode()).hexdigest(), purpose=purpose)
