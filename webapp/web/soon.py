"""What is to be done soon, unless it is no more wanted by then: one timer for all, however many there are.

A timer for each page, which hardly ever comes, takes 3 us of it, and 6 beside the timers of 5,000 streams.
"""

import asyncio
from collections.abc import Callable

Act = Callable[[], None]


class Soon:
    """Does what was added ``seconds`` later, unless it was taken back; on the event loop of whoever adds first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # By the moment at which each is due; what was added first comes first.
        self._acts: dict[Act, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, act: Act) -> None:
        """Do it soon."""
        loop = asyncio.get_running_loop()
        self._acts[act] = due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._look)

    def take_back(self, act: Act) -> None:
        """Do it no more; it may have been done."""
        # The timer stays: the next page is not far, or it finds nothing to do.
        self._acts.pop(act, None)

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        # As good as now: the loop itself calls what is due within its clock's resolution.
        now = loop.time() + self._seconds / 10
        for act, due in list(self._acts.items()):
            if due > now:
                self._timer = loop.call_at(due, self._look)
                return
            del self._acts[act]
            act()
