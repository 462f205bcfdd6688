"""Clients that send their next request before they have the answer to the one before."""

import signal

import pytest
from server.conftest import Serve
from server.staging import UNHURRIED


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_client_that_asks_twice_at_once_and_leaves_gives_its_place_back(serve: Serve, loop: str):
    """Hypercorn waits with the second request for the end of an answer that never comes to one."""
    stage = await serve(loop=loop)
    line = await stage.connect()
    line.ask("/held")
    line.ask("/")
    await stage.arrived()
    await line.reset()
    stage.release()
    stage.send(signal.SIGTERM)
    assert await stage.end() == 0, stage.log()
    assert "were cut" not in stage.log(), "It was still there at the end."


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_request_that_waits_behind_a_stream_does_not_hold_up_the_end(serve: Serve, loop: str):
    stage = await serve(loop=loop, streams=UNHURRIED)
    line = await stage.connect()
    line.ask("/events")
    line.ask("/")
    await line.reader.readuntil(b"now")
    stage.send(signal.SIGTERM)
    assert (await line.rest()).endswith(b"\r\n0\r\n\r\n")
    assert await stage.end() == 0, stage.log()
    assert "were cut" not in stage.log(), "It was still there at the end."
