"""The line to one server that tells news: lost again and again over the months, and made again each time."""

import asyncio
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import EqualJitterBackoff, NoBackoff
from redis.exceptions import NoPermissionError
from redis.maint_notifications import MaintNotificationsConfig

from .subscription_outage import Outage
from .subscription_talk import Ears, Talk, Wishes

# Seconds until the next try, the first and the longest, with chance in it: a Redis that comes back is not asked by all
# processes at once.
BACKOFF = EqualJitterBackoff(base=0.1, cap=2.0)
# Beyond so many the pause grows no more, and two to their power is a number of thousands of digits some day.
COUNTED_FAILURES = 10
# Seconds until the next try where Redis forbids it: an operator has to change that.
FORBIDDEN_PAUSE = 60.0
# Seconds that the end of a line may take.
STOP_WITHIN = 1.0


class Line:
    """Hears the channels that are wanted from one server, of which it tells the operator by ``name``."""

    def __init__(
        self, name: str, connect: Callable[[], AbstractConnection], ears: Ears, outage: Outage, *, sharded: bool = False
    ) -> None:
        self._name, self._connect, self._ears, self._outage, self._sharded = name, connect, ears, outage, sharded
        self.wishes = Wishes()
        self._failures = 0
        self._connection: AbstractConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connection(self) -> AbstractConnection | None:
        """What it listens on, or tries to; None between two tries."""
        return self._connection

    def start(self) -> None:
        """Begin, or begin anew at once where a line stands or is tried."""
        for task in self._tasks:
            task.cancel()
        # In a context of its own: whoever starts it, no request's patience is inherited.
        task = asyncio.create_task(self._run(), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End it, within STOP_WITHIN seconds whatever Redis does."""
        await end(*self._tasks)

    def want(self, channel: str) -> None:
        """Hear a channel, from soon on."""
        self.wishes.add(channel)
        self.wishes.changed.set()

    def drop(self, channel: str) -> None:
        """Hear a channel no more."""
        self.wishes.discard(channel)
        self.wishes.changed.set()

    async def _run(self) -> None:
        self._failures = 0
        while True:
            pause = await self._try()
            await asyncio.sleep(pause)

    async def _try(self) -> float:
        """Hold the line for as long as it stands; return the seconds until the next try."""
        self._connection = connection = self._connect()
        try:
            talk = Talk(connection, self.wishes, self._ears, well=self._note_well, sharded=self._sharded)
            await talk.hold()
        except NoPermissionError as forbidden:
            self._outage.begin(self._name, forbidden)
            return FORBIDDEN_PAUSE
        except Exception as lost:  # noqa: BLE001 - whatever it was, news must come again.
            self._outage.begin(self._name, lost)
        finally:
            # Another try may have begun already.
            if self._connection is connection:
                self._connection = None
        self._ears.lost()
        self._failures = min(self._failures + 1, COUNTED_FAILURES)
        return BACKOFF.compute(self._failures - 1)

    def _note_well(self) -> None:
        self._failures = 0
        self._outage.end(self._name)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks, and wait for their ends for STOP_WITHIN seconds."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_WITHIN)


def connection_of(kind: type[AbstractConnection], options: Mapping[str, Any]) -> AbstractConnection:
    """Make a connection as a pool with these options would, but one that says by itself nothing and tries nothing."""
    quiet = MaintNotificationsConfig(enabled=False)
    own = {"retry": Retry(NoBackoff(), 0), "health_check_interval": 0, "maint_notifications_config": quiet}
    return kind(**{**options, **own})
