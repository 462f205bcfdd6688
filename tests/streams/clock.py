"""The event loop's clock, which stands still but for what a test moves it."""

import asyncio

# Rounds of the event loop in which whatever is due has been done; each step of it takes one or two.
ROUNDS = 20


class Clock:
    """The time of the running event loop, in seconds; Redis has the same, and began at 1,000,000."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A whole number, with which floats are exact.
        self._time = float(int(self._loop.time()) + 1)
        self._began = self._time
        self._loop.time = lambda: self._time  # type: ignore[method-assign]  # That is what a moved clock is.

    @property
    def redis(self) -> int:
        """The moment that Redis would tell."""
        return 1_000_000 + int(self._time - self._began)

    async def settle(self) -> None:
        """Return when everything that is due has been done."""
        for _ in range(ROUNDS):
            await asyncio.sleep(0)

    async def move(self, seconds: int) -> None:
        """Let time pass, in steps of a second, and what is due be done at each."""
        until = self._time + seconds
        while self._time < until:
            self._time = min(until, self._time + 1)
            await self.settle()
