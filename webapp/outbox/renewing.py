"""Holding a claim while somebody is at its entry, however long that takes."""

import asyncio
import logging
from datetime import timedelta

from webapp.errors import StoreUnavailable

from .model import Entry
from .store import Outbox

log = logging.getLogger(__name__)

# Seconds until a renewal is tried again that the database did not answer: less than between two looks for what is due,
# so that whoever is at an entry is most often the first to hold it again after an outage.
RETRY = 1


async def renew_again_and_again(outbox: Outbox, entry: Entry, lease: timedelta, seconds: float) -> None:
    """Hold a claim for another ``lease`` every so many seconds, until cancelled or until it is lost."""
    pause = seconds
    while True:
        await asyncio.sleep(pause)
        try:
            if not await outbox.renew(entry, lease):
                return
            pause = seconds
        except StoreUnavailable:
            pause = min(RETRY, seconds)
        except Exception:
            log.exception("Renewing a claim met a bug of ours.")
