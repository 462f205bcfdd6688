"""Commands that are asked for at the same time travel together: one write, one read, and one connection for all.

What a call costs is hardly the command. It is taking a connection, waking up and writing to a socket: 60 us for one
alone, and 10 us for each of twenty that share them (docs/decisions/0022). Connections, their bound and their retries
are redis-py's own.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from typing import Any, TypeAlias, cast

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.typing import EncodableT

from webapp.deadline import left

from . import silence

# What is sent together: scripts alone. They block no connection, change nothing about it, and their answers are taken
# as they come.
SCRIPTS = frozenset({"EVAL", "EVALSHA"})
# Commands in one batch. With a hundred, of about 300 bytes each, a batch fits into the 64 KiB that asyncio takes
# without waiting, a connection that is lost fails no more people than this, and what all share is below 1 us for each.
AT_MOST = 100
# Turns of the event loop that a batch waits at most, while each brings others. With 64 pages under way a page costs
# 541 us without, 515 with one, 500 with three and no less with five. One that nobody joins leaves after the first:
# beside other work, a turn may take a millisecond.
GATHERING = 3

# A command as it stands on the wire, and whoever waits for its answer.
Question: TypeAlias = tuple[bytes, asyncio.Future[Any]]
Batch: TypeAlias = list[Question]


class Batches:
    """Gathers what is asked for within a few turns of the event loop, and has ``carry`` send each batch and answer it.

    ``carry`` runs in a task of its own, several at once: no batch waits for another, and none ends because somebody
    who waits for it is cancelled. Whoever it leaves without an answer gets what it raises.
    """

    def __init__(self, carry: Callable[[Batch], Awaitable[None]]) -> None:
        self._carry = carry
        # The one that has not left yet.
        self._gathering: Batch | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def ask(self, packed: bytes) -> Awaitable[Any]:
        """Send one command with all that are asked for now, and give its answer to whoever waits for it.

        That raises TimeoutError when its request has no time left, else whatever Redis or the way to it failed with.
        """
        seconds = left(silence.ANSWER_WITHIN)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._add((packed, answer))
        # The batch has the same bound: a timer for each of its callers would be one for nothing (3 us a page).
        return answer if seconds >= silence.ANSWER_WITHIN else _within(seconds, answer)

    async def aclose(self) -> None:
        """Give up what is under way; whoever waits for it gets a ConnectionError."""
        tasks = set(self._under_way)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _add(self, question: Question) -> None:
        batch = self._gathering
        if batch is None or len(batch) == AT_MOST:
            self._gathering = batch = []
            # In a context of its own: the patience of the request that happens to come first is not that of the others.
            context = Context()
            task = asyncio.create_task(self._leave(batch), context=context)
            self._under_way.add(task)
            task.add_done_callback(partial(self._finish, batch), context=context)
        batch.append(question)

    async def _leave(self, batch: Batch) -> None:
        for _ in range(GATHERING):
            before = len(batch)
            await asyncio.sleep(0)
            if len(batch) == before:
                break
        if self._gathering is batch:
            self._gathering = None
        await self._carry(batch)

    def _finish(self, batch: Batch, task: asyncio.Task[None]) -> None:
        # Here, since a task that is cancelled before it has begun runs no line of its own.
        self._under_way.discard(task)
        if self._gathering is batch:
            self._gathering = None
        error = None if task.cancelled() else task.exception()
        for _, answer in batch:
            if not answer.done():
                answer.set_exception(error or RedisConnectionError("The client was closed before there was an answer."))


async def _within(seconds: float, answer: asyncio.Future[Any]) -> Any:  # noqa: ANN401 -- each command is answered in its own form.
    async with asyncio.timeout(seconds):
        return await answer


def pack(command: tuple[EncodableT, ...]) -> bytes | None:
    """Write a command as it stands on the wire; None for one that is no script, or is none that can be written so."""
    if command[0] not in SCRIPTS:
        return None
    try:
        # In C: 0.8 us, where a connection of redis-py's own takes 6.
        packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type] # It takes more than its types say.
    except (TypeError, UnicodeEncodeError):
        # redis-py knows what else there is, or how to say what is wrong with it.
        return None
    return packed


async def converse(connection: AbstractConnection, batch: Batch) -> None:
    """Send a batch and give everybody his answer, with redis-py's own retries where the connection is lost.

    An error that Redis answers with is for the one who asked. Raises what the connection failed with.
    """
    await connection.retry.call_with_retry(
        lambda: _exchange(connection, batch), lambda _: connection.disconnect(nowait=True)
    )


async def _exchange(connection: AbstractConnection, batch: Batch) -> None:
    # Without those that were answered before the connection was lost, and those whose callers have gone.
    waiting = [question for question in batch if not question[1].done()]
    if not waiting:
        return
    try:
        if not connection.is_connected:
            # Lost with the try before. Behind sentinels this asks them anew, where send_packed_command() would go to
            # the same server again, be it the primary or not.
            await connection.connect()  # type: ignore[no-untyped-call] # It has no types.
        await connection.check_health()  # type: ignore[no-untyped-call] # It has no types.
        # One timer for all that follows (4 us each), and none of redis-py's own: before Python 3.12 its timer around a
        # write is a task of its own (10 us a batch), so we call what is inside of it.
        async with asyncio.timeout(connection.socket_timeout):
            await connection._send_packed_command([packed for packed, _ in waiting])  # noqa: SLF001
            await _take(waiting, connection)
    except BaseException as error:
        # Answers that are left on it would be taken for those to somebody else's commands.
        await connection.disconnect(nowait=True)
        if isinstance(error, TimeoutError):
            raise RedisTimeoutError("Redis did not answer in time.") from error
        if isinstance(error, OSError):
            raise RedisConnectionError("The connection was lost while it was used.") from error
        raise


async def _take(waiting: Batch, connection: AbstractConnection) -> None:
    """Read the answers, and hand each on unless its caller has gone."""
    read: Callable[[], Awaitable[Any]] = partial(connection.read_response, timeout=math.inf, disconnect_on_error=False)
    for _, answer in waiting:
        try:
            result = await read()
        except ResponseError as error:
            result = error
        # The first is read as redis-py does, which notes that the connection is well; of the others, what is inside of
        # that is enough (3 us each).
        read = cast("Any", connection._parser).read_response  # noqa: SLF001
        if answer.done():
            continue
        if isinstance(result, ResponseError):
            answer.set_exception(result)
        else:
            answer.set_result(result)
