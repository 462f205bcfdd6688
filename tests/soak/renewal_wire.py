"""A client's end of the wire that costs little: it keeps its connections, and reads answers of a known length."""

import asyncio
import time
from collections.abc import Mapping

import httpx
from soak.wire import PATIENCE, Answer, Wire

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
FAILURES = (OSError, EOFError, TimeoutError)


class LeanWire(Wire):
    """Connections to the server as its superclass has them, with a fourth of the work: this machine serves as well."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type] # They are the superclass's.
        self._idle: list[Connection] = []

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and wait for its answer."""
        request, began = request_of(method, path, headers, body), time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(request, began)
        except FAILURES as error:
            return Answer(began, time.monotonic(), 0, text=repr(error))

    async def connect(self) -> Connection:
        """Open a connection."""
        return await asyncio.open_connection("127.0.0.1", self._port, local_addr=(self._address, 0))

    async def close(self) -> None:
        """Close the connections."""
        for _, writer in self._idle:
            writer.close()
        await super().close()

    async def _ask(self, request: bytes, began: float) -> Answer:
        while (kept := self._kept()) is not None:
            try:
                return await self._exchange(kept, request, began)
            except asyncio.IncompleteReadError as error:
                # The server has closed it just when it was taken; as a browser does, we take another one.
                if error.partial:
                    raise
            except ConnectionError:
                continue
        return await self._exchange(await self.connect(), request, began)

    def _kept(self) -> Connection | None:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    async def _exchange(self, connection: Connection, request: bytes, began: float) -> Answer:
        reader, writer = connection
        try:
            writer.write(request)
            status, headers = _head(await reader.readuntil(b"\r\n\r\n"))
            body = await reader.readexactly(int(headers["Content-Length"]))
        except BaseException:
            writer.close()
            raise
        if headers.get("Connection") == "close":
            writer.close()
        else:
            self._idle.append(connection)
        return Answer(began, time.monotonic(), status, headers, body.decode())


def request_of(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Write a request as it is sent."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _head(head: bytes) -> tuple[int, httpx.Headers]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return int(first.split(" ", 2)[1]), httpx.Headers(pairs)
