"""One attempt to do what an entry asks for, and what becomes of the entry."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from secrets import SystemRandom

from webapp.errors import GatehouseError, StoreUnavailable

from .errors import GiveUp, NotYet, PerhapsDone
from .model import Entry
from .store import Outbox

log = logging.getLogger(__name__)

Handler = Callable[[Entry], Awaitable[None]]

# Seconds between attempts. Most failures are over in a moment, the others in hours; the last pause is repeated.
PAUSES = (10, 30, 60, 120, 300, 600, 1800, 3600)
# Each pause is up to so much of itself longer or shorter, so that what failed together does not come back together.
SPREAD = 0.1
# What may be done already may be done once more by each attempt: so these are few, and so many seconds apart.
DOUBT_PAUSE = 1800
ATTEMPTS_IN_DOUBT = 3
# Seconds. What was done must come out of the outbox, or it is done again: so this is tried until it succeeds.
WRITE_PAUSE = 1

_random = SystemRandom()


class Attempts:
    """Hands entries that this process has claimed to the handlers of their kinds.

    A handler that returns has done it. NotYet says when there is more to do, GiveUp that it cannot be done, PerhapsDone
    that nobody knows whether it is.
    Any other GatehouseError and what the system raises (OSError) is a failure that may pass. The rest are bugs; they
    may pass too, with the next version.
    """

    def __init__(self, outbox: Outbox, handlers: Mapping[str, Handler]) -> None:
        self._outbox = outbox
        self._handlers = handlers
        # Whose bug is in the log of this process already.
        self._told: set[str] = set()

    async def make(self, entry: Entry, ends: float) -> None:
        """Try once, until ``ends`` on the event loop's clock; raises nothing."""
        try:
            await self._handle(entry, ends)
        except NotYet as later:
            await self._put_back(later.entry.looked_at(), later.due)
        except GiveUp as refusal:
            await self._give_up(entry, refusal.reason)
        except PerhapsDone as doubt:
            await self._doubt(entry.failed().doubted(), doubt.reason)
        except (GatehouseError, OSError) as failure:
            await self._try_later(entry.failed(), failure)
        except Exception as bug:  # noqa: BLE001 - it is logged, and the next attempt or the next version may do it.
            self._tell(entry, bug)
            await self._try_later(entry.failed(), bug)
        else:
            await self._take_out(entry)

    async def _handle(self, entry: Entry, ends: float) -> None:
        # It may have waited for a server to come up. A link that is dead when its mail arrives is worth nothing.
        if self._outbox.clock() > entry.until:
            raise GiveUp("its time has passed")
        async with asyncio.timeout_at(ends):
            await self._handlers[entry.kind](entry)

    def _tell(self, entry: Entry, bug: Exception) -> None:
        if entry.id not in self._told:
            self._told.add(entry.id)
            log.error("Doing %s met a bug of ours.", describe(entry), exc_info=bug)

    async def _try_later(self, entry: Entry, failure: Exception) -> None:
        reason = reason_of(failure)
        pause = pause_after(entry.failures)
        due = self._outbox.clock() + pause
        if due > entry.until:
            await self._give_up(entry, reason)
            return
        log.info("%s failed (%s); again in %d s.", describe(entry), reason, pause.total_seconds())
        await self._put_back(entry, due)

    async def _put_back(self, entry: Entry, due: datetime) -> None:
        try:
            await self._outbox.postpone(entry, due)
        except StoreUnavailable:
            # Then the claim runs out, and somebody takes it.
            log.info("%s could not be put back; it is tried again when its claim has run out.", describe(entry))

    async def _doubt(self, entry: Entry, reason: str) -> None:
        pause = spread(DOUBT_PAUSE)
        due = self._outbox.clock() + pause
        if due > entry.until or entry.doubts >= ATTEMPTS_IN_DOUBT:
            await self._give_up(entry, reason)
            return
        log.warning("%s may be done (%s); once more in %d s.", describe(entry), reason, pause.total_seconds())
        # Not left to its claim: it would be done again as soon as that has run out, and nobody would count it.
        await _surely(lambda: self._outbox.postpone(entry, due))

    async def _give_up(self, entry: Entry, reason: str) -> None:
        log.warning("Gave up %s: %s.", describe(entry), reason)
        await self._take_out(entry)

    async def _take_out(self, entry: Entry) -> None:
        self._told.discard(entry.id)
        await _surely(lambda: self._outbox.done(entry.id))


async def _surely(write: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await write()
        except StoreUnavailable:
            await asyncio.sleep(WRITE_PAUSE)
        else:
            return


def pause_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    return spread(PAUSES[min(failures, len(PAUSES)) - 1])


def spread(seconds: float) -> timedelta:
    """Return about so long."""
    return timedelta(seconds=seconds * _random.uniform(1 - SPREAD, 1 + SPREAD))


def reason_of(failure: Exception) -> str:
    """Say why in words of ours; those of a library may hold an address, so only its exception's name is told."""
    ours = str(failure) if isinstance(failure, GatehouseError) else ""
    return ours or type(failure).__name__


def describe(entry: Entry) -> str:
    """Say what an entry is, for the log: nothing in it tells an address or opens an account."""
    kind = " ".join(filter(None, (entry.kind, entry.body.get("letter"))))
    return f"{kind} ({f'account {entry.account_id}' if entry.account_id else 'no account'})"
