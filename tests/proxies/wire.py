"""Requests byte by byte and frame by frame, for what no client library would send."""

from collections.abc import AsyncIterator
from contextlib import suppress

import h2.connection
from h2.config import H2Configuration
from h2.events import Event, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from proxies.clients import Connection
from proxies.forgeries import FORGED
from proxies.landscape import NAME

PIECE = 65_536
# Whatever place in it a server counts to, it finds a forged address.
FORGED_HEADERS = (
    ("x-forwarded-for", ", ".join([FORGED] * 9)),
    ("cf-connecting-ip", FORGED),
    ("x-forwarded-proto", "https"),
)
Fields = list[tuple[str, str]]


def forged_lines() -> list[str]:
    """Write those headers down."""
    return [f"{name}: {value}" for name, value in FORGED_HEADERS]


def request(first: str, *headers: str, body: bytes = b"", version: str = "1.1") -> bytes:
    """Write a request to the site; ``first`` is its method and target."""
    lines = [f"{first} HTTP/{version}", f"Host: {NAME}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


# Sent behind all else, it lets the other side end the connection.
LAST = request("GET /healthz", "Connection: close")


async def everything(connection: Connection, sent: bytes) -> bytes:
    """Send bytes and return all that comes back until the other side has enough."""
    reader, writer = connection
    received = b""
    # A proxy that refuses something may reset the connection while there is more of it to come.
    with suppress(ConnectionError):
        writer.write(sent)
        await writer.drain()
        while piece := await reader.read(PIECE):
            received += piece
    return received


class Http2:
    """HTTP/2 on an open connection, without any of the checks that would keep a client from lying."""

    def __init__(self, connection: Connection, *, upgraded: bool = False) -> None:
        self._reader, self._writer = connection
        unchecked = H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
        self._protocol = h2.connection.H2Connection(unchecked)
        # Stream 1 is then the request that asked for the upgrade.
        (self._protocol.initiate_upgrade_connection if upgraded else self._protocol.initiate_connection)()

    async def ask(self, method: str, path: str, headers: Fields, body: bytes = b"") -> str:
        """Send one request and return its status, or nothing where it was not answered."""
        stream = self._protocol.get_next_available_stream_id()
        target: Fields = [(":method", method), (":scheme", "https"), (":authority", NAME), (":path", path)]
        self._protocol.send_headers(stream, [*target, *headers], end_stream=not body)
        if body:
            self._protocol.send_data(stream, body, end_stream=True)
        status = ""
        # A proxy may end the connection, and then say more.
        with suppress(ConnectionError, ProtocolError):
            async for event in self._events(stream):
                if isinstance(event, ResponseReceived):
                    status = dict(event.headers)[b":status"].decode()
                if isinstance(event, StreamEnded | StreamReset):
                    break
        return status

    async def _events(self, stream: int) -> AsyncIterator[Event]:
        while True:
            self._writer.write(self._protocol.data_to_send())
            received = await self._reader.read(PIECE)
            if not received:
                return
            for event in self._protocol.receive_data(received):
                if getattr(event, "stream_id", None) == stream:
                    yield event
