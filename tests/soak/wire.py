"""The client's end of the wire: it asks and times the answer, or hangs up in the middle."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import httpx

# Seconds. Nobody is to wait this long; whoever does is counted, and let go.
PATIENCE = 20.0
# Milliseconds after sending within which those who hang up do so: while the server reads, asks Redis, hashes, writes.
MOMENTS = (1, 5, 25, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back between the moments ``began`` and ``ended``; a status of 0 says that nothing did."""

    began: float
    ended: float
    status: int
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    text: str = ""


class Wire:
    """Connections from ``address``, one of 127.0.0.0/8, to the server on ``port`` of this computer.

    ``chance`` decides what its user leaves to it.
    """

    def __init__(self, port: int, address: str, chance: Random) -> None:
        self.chance = chance
        self._port = port
        self._address = address
        self._url = f"http://127.0.0.1:{port}"
        # Nothing here is encrypted, and reading certificates for nothing takes a while.
        self._transport = httpx.AsyncHTTPTransport(local_address=address, verify=False)

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and wait for its answer."""
        timeout = {"timeout": httpx.Timeout(PATIENCE).as_dict()}
        request = httpx.Request(method, self._url + path, headers=dict(headers), content=body, extensions=timeout)
        began = time.monotonic()
        try:
            response = await self._transport.handle_async_request(request)
            await response.aread()
        except httpx.TransportError as error:
            return Answer(began, time.monotonic(), 0, text=repr(error))
        return Answer(began, time.monotonic(), response.status_code, response.headers, response.text)

    async def hang_up(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a whole request, and go at some moment after that without having read anything."""
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        began = time.monotonic()
        with suppress(OSError):
            local = (self._address, 0)
            _, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=local)
            writer.write(head.encode() + body)
            await asyncio.sleep(self.chance.uniform(0, self.chance.choice(MOMENTS)) / 1000)
            # The one says goodbye as a closed tab does, the other is a phone in a tunnel.
            self.chance.choice((writer.close, writer.transport.abort))()
        return Answer(began, time.monotonic(), 0, text="hung up")

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()
