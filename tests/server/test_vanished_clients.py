"""Clients that are gone without a word: nothing comes from them any more, not even that something has arrived."""

import asyncio
import ctypes
import socket
import struct
import sys

import pytest
from server.in_process import connected
from server.lines import Line

from webapp.server.timings import Timings
from webapp.web.asgi import App, Receive, Scope, Send

# Seconds; a busy machine may do nothing for a few.
PATIENCE = 30
# Linux, asm-generic/socket.h; Python has no name for it.
SO_ATTACH_FILTER = 26
# Linux, filter.h: a program of one instruction (BPF_RET | BPF_K) that lets zero bytes of each packet through.
LET_NOTHING_IN = struct.pack("HBBI", 0x06, 0, 0, 0)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux is told how long to wait for clients.")


def vanish(line: Line) -> None:
    """Let the client's system see nothing that comes in any more, as if the cable was pulled."""
    program = ctypes.create_string_buffer(LET_NOTHING_IN, len(LET_NOTHING_IN))
    whole = struct.pack("HP", 1, ctypes.addressof(program))
    line.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, whole)


def breathing(every: float, heard: asyncio.Event) -> App:
    """Give a stream that says something every so many seconds; ``heard`` is set when it hears that its client left."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        gone = asyncio.ensure_future(_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
            await asyncio.wait([gone], timeout=every)
        heard.set()

    return stream


def silent(heard: asyncio.Event) -> App:
    """Give one that begins, and leaves the rest to the server."""
    return breathing(PATIENCE, heard)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def test_stream_of_a_client_that_vanished_ends():
    heard = asyncio.Event()
    async with connected(silent(heard), Timings(vanished=1, breath=0.1)) as line:
        line.ask("/")
        await line.reader.readuntil(b":\n\n")
        vanish(line)
        async with asyncio.timeout(PATIENCE):
            await heard.wait()


async def test_stream_on_which_nothing_is_said_for_longer_than_that_stays():
    heard = asyncio.Event()
    async with connected(breathing(4, heard), Timings(vanished=0.5)) as line:
        line.ask("/")
        for _ in range(2):
            await line.reader.readuntil(b":\n\n")
        assert not heard.is_set()


def test_stream_of_a_client_that_vanished_is_kept_for_a_minute_at_most():
    """It may have vanished just after it was told something."""
    assert Timings().breath + Timings().vanished <= 60
