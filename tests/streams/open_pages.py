"""Sessions as a test wants them seen, and the pages that hold streams of them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from streams.clock import Clock

from webapp.errors import StoreUnavailable
from webapp.streams.hub import Hub
from webapp.streams.model import Event, Sight, notice_before
from webapp.streams.stream import Stream

DAY = 86400


class SeenSession:
    """What looking at a session shows; ``looks`` counts how often that was done."""

    def __init__(self, clock: Clock, *, idle: int = DAY) -> None:
        self._clock = clock
        self._notice = notice_before(idle, 1)
        self.sight = Sight("held", 0)
        self.ends_in(idle)
        self.away = False
        self.looks = 0
        # What happens while a look is under way.
        self.meanwhile: Callable[[], None] = lambda: None

    def is_now(self, **changes: object) -> None:
        """Have it seen otherwise from now on."""
        self.sight = replace(self.sight, **changes)  # type: ignore[arg-type]  # Fields of a Sight.

    def ends_in(self, seconds: int) -> None:
        """Have it end then."""
        ends = self._clock.redis + seconds
        self.is_now(ends=ends, notice_at=ends - self._notice)

    async def __call__(self) -> Sight:
        """Look."""
        self.looks += 1
        sight = replace(self.sight, now=self._clock.redis)
        self.meanwhile()
        await asyncio.sleep(0)
        if self.away:
            raise StoreUnavailable("Redis")
        return sight


class OpenPage:
    """A page that is looked at, and what it was told."""

    def __init__(self, hub: Hub, account: str, session: str, seen: SeenSession, *, lists: bool) -> None:
        self._heard: list[Event] = []
        self._held = hub.opened(account, session, seen, lists=lists)
        self._task = asyncio.create_task(self._read(self._held.__enter__()))

    @property
    def told(self) -> list[Event]:
        """What it was told since this was asked last."""
        told, self._heard = self._heard, []
        return told

    @property
    def has_ended(self) -> bool:
        """Whether there will be nothing more to say."""
        return self._task.done()

    async def _read(self, stream: Stream) -> None:
        async for event in stream:
            self._heard.append(event)

    async def leave(self) -> None:
        """Close it."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._held.__exit__(None, None, None)


class OpenPages:
    """All pages of a test, in one hub."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.hub = Hub(most=100)
        self._open: list[OpenPage] = []

    def session(self, *, idle: int = DAY) -> SeenSession:
        """Start one."""
        return SeenSession(self.clock, idle=idle)

    async def open(
        self, seen: SeenSession, account: str = "ada", session: str = "laptop", *, lists: bool = False
    ) -> OpenPage:
        """Open a page, and let it be told what there is."""
        page = OpenPage(self.hub, account, session, seen, lists=lists)
        self._open.append(page)
        await self.clock.settle()
        return page

    async def close(self) -> None:
        """Close all."""
        for page in self._open:
            await page.leave()
