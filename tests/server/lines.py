"""A connection to a server, down to the bytes."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

# Seconds. Nothing here takes long; what does not come at all says so.
PATIENCE = 30
HEAD = "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"


@dataclass(frozen=True)
class Head:
    """The beginning of an answer."""

    status: int
    headers: dict[str, str]


class Line:
    """A connection on which requests are written and answers read, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def write(self, text: str) -> None:
        """Send some bytes."""
        self.writer.write(text.encode("latin-1"))

    def ask(self, path: str, *headers: str, method: str = "GET") -> None:
        """Send a request without a body, or the beginning of one with it."""
        self.write(HEAD.format(method=method, path=path, headers="".join(f"{line}\r\n" for line in headers)))

    async def head(self) -> Head:
        """Read the beginning of an answer."""
        async with asyncio.timeout(PATIENCE):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = (line.partition(": ") for line in lines[1:-2])
        return Head(int(lines[0].split()[1]), {name.lower(): value for name, _, value in fields})

    async def answer(self) -> tuple[Head, str]:
        """Read an answer whose length is told."""
        head = await self.head()
        async with asyncio.timeout(PATIENCE):
            body = await self.reader.readexactly(int(head.headers["content-length"]))
        return head, body.decode()

    async def rest(self) -> bytes:
        """Read until the server closes."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def hears_the_end(self) -> bool:
        """Wait until the server closes; tell whether it had nothing more to say."""
        try:
            return await self.rest() == b""
        except ConnectionError:
            return True

    async def reset(self) -> None:
        """Hang up at once, as a program that is killed does with unread answers: the server sees a reset (RST)."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    def close(self) -> None:
        """Hang up."""
        self.writer.close()
