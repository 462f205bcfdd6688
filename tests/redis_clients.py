"""Clients opened as production opens them, and a Redis that answers whatever a test wants."""

import asyncio
import math
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from asgi_calls import settings

from webapp.redis_connection import RedisClient, open_redis

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

# What a Redis says of itself when it is greeted; our clients read one number of it, and nothing of what else they hear.
GREETING = b"%1\r\n+proto\r\n:3\r\n"
# Seconds until a connection is lost, and those for which a slow answer is waited for.
LOST_AFTER, SLOWLY = 0.05, 0.5


@asynccontextmanager
async def opened(url: str, **variables: str) -> AsyncIterator[RedisClient]:
    """Open the client for an address and further settings."""
    client = open_redis(settings(REDIS_URL=url, **variables))
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def fake_redis(answer: bytes, *, greeting: bytes = GREETING, resets: bool = False) -> AsyncIterator[str]:
    """Give the address of a server that answers scripts so, all else with ``greeting``, and may reset afterwards."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for words in _commands(reader):
            is_script = words[0] in {b"EVALSHA", b"EVAL"}
            writer.write(answer if is_script else greeting)
            if is_script and resets:
                # Whatever else has come by then is answered: a server that dies has no time between two answers.
                asyncio.get_running_loop().call_later(0.02, _reset, writer)

    async with _listening(serve) as port:
        yield f"redis://127.0.0.1:{port}"


@dataclass
class Echo:
    """A server that answers scripts with their last word each, "slowly" after ``SLOWLY`` seconds.

    Each of ``losses`` is a connection that answers so many scripts and is lost. ``heard`` are the words of all, in
    their order.
    """

    losses: list[int]
    url: str = ""
    heard: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self.losses.pop(0) if self.losses else math.inf
        async for words in _commands(reader):
            if words[0] not in {b"EVALSHA", b"EVAL"}:
                writer.write(b"+PONG\r\n" if words[0] == b"PING" else GREETING)
                continue
            if not left:
                # Until what was answered has arrived; a connection that is reset may lose it.
                await asyncio.sleep(LOST_AFTER)
                return
            left -= 1
            self.heard.append(words[-1].decode())
            await asyncio.sleep(SLOWLY if words[-1] == b"slowly" else 0)
            writer.write(b"$%d\r\n%b\r\n" % (len(words[-1]), words[-1]))


@asynccontextmanager
async def echoing_redis(*losses: int) -> AsyncIterator[Echo]:
    """Give such a server."""
    echo = Echo([*losses])
    async with _listening(echo.serve) as port:
        echo.url = f"redis://127.0.0.1:{port}"
        yield echo


@dataclass
class Door:
    """A port of this computer that leads to another one, as a name does that can be given another address.

    Whoever comes is let through after ``seconds``.
    """

    leads_to: int
    port: int = 0
    seconds: float = 0


@asynccontextmanager
async def forwarding(leads_to: int) -> AsyncIterator[Door]:
    """Open a door; where it leads can be changed for those who come later."""
    door = Door(leads_to)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await asyncio.sleep(door.seconds)
            there, back = await asyncio.open_connection("127.0.0.1", door.leads_to)
            await asyncio.gather(_copy(reader, back), _copy(there, writer))

    async with _listening(serve) as door.port:
        yield door


@asynccontextmanager
async def _listening(serve: Serve) -> AsyncIterator[int]:
    """Let ``serve`` answer whoever connects to the port that is given, and leave no connection open in the end."""
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_serve_and_close(serve(reader, writer), writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, "127.0.0.1")
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _serve_and_close(serving: Awaitable[None], writer: asyncio.StreamWriter) -> None:
    try:
        await serving
    finally:
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
    finally:
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    # Without lingering, closing a socket resets its connection.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _commands(reader: asyncio.StreamReader) -> AsyncIterator[list[bytes]]:
    while line := await reader.readline():
        words = []
        for _ in range(int(line[1:])):
            length = int((await reader.readline())[1:])
            words.append((await reader.readexactly(length + 2))[:-2])
        yield words
