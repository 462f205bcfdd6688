"""One open page: looks at its session when there is a reason to, and says what has changed."""

import asyncio
import random
from collections.abc import AsyncIterator

from webapp.errors import StoreUnavailable

from .model import Closed, Ending, Event, Here, Listed, Look, Sight, Staying

# Seconds until a look without a reason: versions before this one end sessions without a word, and a word may be lost.
LOOK_EVERY = 300.0
# Seconds until the next look where one has failed. When Redis is back the subscription asks for one much sooner.
LOOK_AFTER_FAILURE = 15.0
# Seconds after the moment in which a session ends by itself: that is told in whole seconds, and Redis takes its time.
AFTER_THE_END = 1.0
# Seconds between two lists of one page: whoever names sessions as fast as he can has them made no oftener for that.
LIST_PAUSE = 1.0
# What of these durations may be taken off or added, so that thousands of pages do not all ask at once.
SPREAD = 0.2

STAYING, LISTED = Staying(), Listed()


class Stream:
    """The events of one page; iterate over it once, and close the iterator when the page has gone.

    ``look`` asks for the session of the page; ``lists`` says that the page shows the account's list. The methods are
    called while another task iterates: none of them waits.
    """

    __slots__ = (
        "_crowded",
        "_here",
        "_list_due",
        "_listed_at",
        "_look",
        "_look_at",
        "_loop",
        "_sight",
        "_told_end",
        "_waking",
        "lists",
    )

    def __init__(self, look: Look, *, lists: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._look = look
        self.lists = lists
        # The page was made a moment ago, and something may have happened since.
        self._list_due = lists
        self._look_at = self._loop.time()
        self._listed_at = self._look_at - LIST_PAUSE
        self._here = self._crowded = False
        # The end that was told of as near; 0 where none is.
        self._told_end = 0
        self._sight: Sight | None = None
        self._waking: asyncio.Future[None] | None = None

    def look_again(self, within: float = 0.0) -> None:
        """Look at the session in so many seconds, or sooner where that was planned."""
        self._look_at = min(self._look_at, self._loop.time() + within)
        self._wake()

    def list_again(self, within: float = 0.0) -> None:
        """Have the list told anew, where the page shows it; the session is looked at before."""
        if self.lists:
            self._list_due = True
            self.look_again(max(within, self._until_next_list()))

    def crowd_out(self) -> None:
        """Close it for good: there are newer ones than the session may have."""
        self._crowded = True
        self._wake()

    def __aiter__(self) -> AsyncIterator[Event]:
        """Give what there is to say, when there is."""
        return self._events()

    async def _events(self) -> AsyncIterator[Event]:
        while not self._crowded:
            if self._look_at <= self._loop.time():
                for event in await self._told_by_a_look():
                    yield event
                if self._is_over():
                    return
            await self._rest()
        yield Closed("crowded")

    async def _told_by_a_look(self) -> list[Event]:
        # Before the look: whatever is heard while it is under way needs another one.
        self._look_at = self._in(LOOK_EVERY)
        try:
            sight = await self._look()
        except (StoreUnavailable, TimeoutError):
            self._look_at = min(self._look_at, self._in(LOOK_AFTER_FAILURE))
            return []
        self._sight = sight
        if sight.state == "held":
            return [*self._told_of_life(sight), *self._told_of_list()]
        if sight.state in {"ended", "over"}:
            return [Closed("ended" if sight.state == "ended" else "expired")]
        # The browser comes back with the cookie that it has by now.
        return []

    def _told_of_life(self, sight: Sight) -> list[Event]:
        told: list[Event] = [] if self._here else [Here(sight.shared)]
        self._here = True
        near = sight.ends if sight.now >= sight.notice_at else 0
        if near != self._told_end:
            told.append(Ending(sight) if near else STAYING)
        self._told_end = near
        next_at = near + AFTER_THE_END if near else sight.notice_at
        self._look_at = min(self._look_at, self._loop.time() + next_at - sight.now)
        return told

    def _told_of_list(self) -> list[Event]:
        if not self._list_due:
            return []
        if (wait := self._until_next_list()) > 0:
            self._look_at = min(self._look_at, self._loop.time() + wait)
            return []
        self._list_due, self._listed_at = False, self._loop.time()
        return [LISTED]

    def _until_next_list(self) -> float:
        return self._listed_at + LIST_PAUSE - self._loop.time()

    def _is_over(self) -> bool:
        return self._sight is not None and self._sight.state != "held"

    async def _rest(self) -> None:
        """Return when there is something to do."""
        _leave_if_cancelled()
        if self._crowded or self._look_at <= self._loop.time():
            return
        self._waking = self._loop.create_future()
        timer = self._loop.call_at(self._look_at, self._wake)
        try:
            await self._waking
        finally:
            timer.cancel()
            self._waking = None

    def _wake(self) -> None:
        if self._waking is not None and not self._waking.done():
            self._waking.set_result(None)

    def _in(self, seconds: float) -> float:
        return self._loop.time() + seconds * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 -- nothing is secret.


def _leave_if_cancelled() -> None:
    """Raise the cancellation that a call to Redis has swallowed, as it may in trouble: the page has gone."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
