"""Having sessions looked at that have begun or ended just now, and not only when their turn comes."""

import asyncio
import logging
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import answering, autocommitting
from webapp.errors import StoreUnavailable
from webapp.outbox import Outbox
from webapp.shielding import in_background

from .entries import WATCH

log = logging.getLogger(__name__)

# Seconds until the next attempt where the database did not answer. Their turn may be a day away, and the mail about a
# stolen cookie with it; what takes longer than this to come back is an outage.
PAUSES: tuple[float, ...] = (1, 5, 30)
# So many sessions wait for an attempt at the most. More end at once only where somebody sees to that.
MOST_WAITING = 1000


class Hastening:
    """Makes the entries of sessions due at once, in the background.

    No attempt sleeps in a task: a server that stops waits for its tasks, and must not wait for these pauses.
    """

    def __init__(self, engine: AsyncEngine, outbox: Outbox) -> None:
        self._autocommit = autocommitting(engine)
        self._outbox = outbox
        # What waits for each of the pauses to be over: one attempt does all of it.
        self._waiting: dict[int, set[str]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._is_closed = False

    def begin(self, session_ids: Collection[str]) -> None:
        """Have sessions looked at; nobody waits for that."""
        in_background(self._attempt(session_ids, failures=0))

    def close(self) -> None:
        """Give up what waits for another attempt, and begin none."""
        self._is_closed = True
        for timer in self._timers.values():
            timer.cancel()

    async def _attempt(self, session_ids: Collection[str], failures: int) -> None:
        try:
            await self._write(session_ids)
        except StoreUnavailable as failure:
            again = self._try_again(session_ids, failures)
            log.info("The history follows %s: %s.", "in some seconds" if again else "later", failure)
        else:
            self._outbox.wake({WATCH})

    def _try_again(self, session_ids: Collection[str], failures: int) -> bool:
        waiting = len(session_ids) + sum(map(len, self._waiting.values()))
        if self._is_closed or failures >= len(PAUSES) or waiting > MOST_WAITING:
            return False
        if failures not in self._waiting:
            again = asyncio.get_running_loop().call_later(PAUSES[failures], self._again, failures)
            self._timers[failures] = again
        self._waiting.setdefault(failures, set()).update(session_ids)
        return True

    def _again(self, failures: int) -> None:
        del self._timers[failures]
        in_background(self._attempt(self._waiting.pop(failures), failures + 1))

    @answering
    async def _write(self, session_ids: Collection[str]) -> None:
        async with self._autocommit.begin() as db:
            await self._outbox.hasten(db, session_ids)
