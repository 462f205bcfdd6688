"""What is said on one connection that listens: what was asked for, what is in force, and what comes.

redis-py's own subscriber reconnects by itself and tells nobody, so nobody would know that messages were missed. Here
nothing is mended: whatever is wrong ends the talk, and whoever held it begins another one.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import AskError, ClusterDownError, ResponseError, TryAgainError

# Seconds between two questions whether the line still lives, and for the answer. A network that swallows packets says
# nothing by itself, and a frozen server neither.
PING_EVERY, PONG_WITHIN = 5.0, 2.0
# Seconds until a server is asked again for a channel that is another one's, or nobody's for the moment.
MISPLACED_PAUSE = 0.5

# What a cluster answers where a slot is elsewhere (MovedError is an AskError), on its way, or nowhere.
MISPLACED = (AskError, TryAgainError, ClusterDownError)
# How a server of before 7.0 answers to what is sharded.
UNKNOWN = "unknown command"

PLAIN, SHARDED = ("SUBSCRIBE", "UNSUBSCRIBE"), ("SSUBSCRIBE", "SUNSUBSCRIBE")


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what; none of them may wait or raise.

    ``hear``       a message
    ``in_force``   a channel, from now on heard
    ``misplaced``  that the server does not have all channels that it was asked for
    ``lost``       that the line to it is gone
    """

    hear: Callable[[str], None]
    in_force: Callable[[str], None]
    misplaced: Callable[[], None]
    lost: Callable[[], None]


class Wishes(set[str]):
    """The channels that are wanted, with the event that they have ``changed``."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()


class Talk:
    """Keeps what is in force on ``connection`` the same as the wishes, which may change meanwhile.

    ``well`` is called whenever it is, every few seconds at the least.
    """

    def __init__(
        self,
        connection: AbstractConnection,
        wishes: Wishes,
        ears: Ears,
        *,
        well: Callable[[], None],
        sharded: bool,
    ) -> None:
        self._connection, self._wishes, self._ears, self._well = connection, wishes, ears, well
        self._subscribe, self._unsubscribe = SHARDED if sharded else PLAIN
        self._asked: set[str] = set()
        self._in_force: set[str] = set()
        self._refusal: ResponseError | None = None
        self._answered = asyncio.Event()

    async def hold(self) -> None:
        """Connect and listen. Ends only by raising what was wrong: an error of Redis, of the system, or a stray one."""
        try:
            await self._connection.connect()  # type: ignore[no-untyped-call] # It has no types.
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._keep_up())
        except ExceptionGroup as lost:
            raise lost.exceptions[0] from None
        finally:
            await self._connection.disconnect(nowait=True)

    async def _listen(self) -> None:
        while True:
            try:
                # Closing it is left to hold(): redis-py opens again what it finds closed, and nobody would know.
                answer = await self._connection.read_response(
                    timeout=math.inf, disconnect_on_error=False, push_request=True
                )
            except ResponseError as refusal:
                self._refusal = refusal
                continue
            self._take(answer)

    def _take(self, answer: object) -> None:
        match answer:
            case ["message" | "smessage", _, str(message)]:
                self._ears.hear(message)
            case ["subscribe" | "ssubscribe", str(channel), _]:
                self._in_force.add(channel)
                if channel in self._wishes:
                    self._ears.in_force(channel)
            case ["unsubscribe" | "sunsubscribe", str(channel), _]:
                self._note_end(channel)
            case _:
                # PONG; in Redis's older language, where one has subscribed, a list of it and nothing.
                self._answered.set()

    def _note_end(self, channel: str) -> None:
        """Note that a channel is not in force any more, also where nobody asked for that: its slot has moved."""
        self._in_force.discard(channel)
        self._asked.discard(channel)
        if channel in self._wishes:
            self._ears.misplaced()
            self._wishes.changed.set()

    async def _keep_up(self) -> None:
        while True:
            self._wishes.changed.clear()
            await self._say(self._changes())
            await self._judge()
            with suppress(TimeoutError):
                async with asyncio.timeout(PING_EVERY):
                    await self._wishes.changed.wait()

    def _changes(self) -> list[tuple[str, str]]:
        wanted = set(self._wishes)
        more, less = wanted - self._asked, self._asked - wanted
        self._asked = wanted
        return [*((self._subscribe, channel) for channel in more), *((self._unsubscribe, channel) for channel in less)]

    async def _say(self, commands: Iterable[tuple[str, str]]) -> None:
        """Send commands; return when each is answered, which it is once the PING behind them is."""
        self._answered.clear()
        self._refusal = None
        packed = self._connection.pack_commands([*commands, ("PING",)])
        async with asyncio.timeout(PONG_WITHIN):
            await self._connection.send_packed_command(packed, check_health=False)
            await self._answered.wait()

    async def _judge(self) -> None:
        """See what became of what was asked for."""
        refusal = self._refusal
        if refusal is None:
            self._well()
        elif self._subscribe == SHARDED[0] and UNKNOWN in str(refusal):
            # There every message goes to all nodes, so any of them tells it.
            self._subscribe, self._unsubscribe = PLAIN
            self._ask_again()
        elif isinstance(refusal, MISPLACED):
            self._ears.misplaced()
            await asyncio.sleep(MISPLACED_PAUSE)
            self._ask_again()
        else:
            raise refusal

    def _ask_again(self) -> None:
        self._asked &= self._in_force
        self._wishes.changed.set()
