"""SIGTERM: what is under way is finished, streams end, hooks run, and all of it within ten seconds (issue 3)."""

import asyncio
import signal
import time

import pytest
from server.conftest import Serve, SetUp
from server.lines import Line
from server.staging import Stage

# Seconds. What the platforms' promise to us was made into: they kill after 30.
ALL_IN_ALL = 10


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("to_all", [False, True], ids=["to the parent", "to all"])
async def test_stop_finishes_requests_ends_streams_and_runs_hooks(
    serve: Serve, *, to_all: bool, processes: int, loop: str
):
    stage = await serve(processes=processes, loop=loop)
    slow, stream, idle = await _requests(stage)
    trickling, silent = await stage.connect(), await stage.connect()
    trickling.write("GET / HTTP/1.1\r\nHost: ")
    begun = time.monotonic()
    # Heroku's repeats itself.
    for _ in range(3):
        stage.send(signal.SIGTERM, to_all=to_all)
        await asyncio.sleep(0.05)
    assert (await stream.rest()).endswith(b"\r\n0\r\n\r\n")
    stream_ended = time.monotonic()
    head, body = await slow.answer()
    assert (head.status, body) == (200, "whole answer")
    assert stream_ended < time.monotonic() - 0.5, "The stream ended a second before the slow answer did."
    assert [await line.hears_the_end() for line in (slow, idle, trickling, silent)] == [True] * 4
    assert await stage.end() == 0, stage.log()
    assert time.monotonic() - begun < ALL_IN_ALL
    assert len(stage.marks("started")) == processes
    assert stage.marks("stopped") == stage.marks("started")
    assert stage.marks("stream ended")
    assert "Traceback" not in stage.log()
    assert "ERROR" not in stage.log()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("processes", [1, 3])
async def test_signal_that_is_repeated_to_the_very_end_changes_nothing(serve: Serve, processes: int, loop: str):
    stage = await serve(processes=processes, loop=loop)
    while stage.process.poll() is None:
        stage.send(signal.SIGTERM, to_all=True)
        await asyncio.sleep(0.001)
    assert stage.process.returncode == 0
    assert stage.marks("stopped") == stage.marks("started")


async def test_body_that_is_still_coming_is_waited_for(serve: Serve):
    stage = await serve()
    line = await stage.connect()
    line.ask("/body", "Content-Length: 9", method="POST")
    stage.send(signal.SIGTERM)
    # Longer than connections between requests are kept.
    for _ in range(9):
        await asyncio.sleep(0.3)
        line.write("a")
    head, body = await line.answer()
    assert (head.status, body) == (200, "9")
    assert await stage.end() == 0, stage.log()


async def test_workers_that_are_still_starting_end_in_good_order_too(set_up: SetUp):
    stage = set_up(processes=3, fault="slow start")
    await stage.until(lambda: stage.marks("starting"))
    stage.send(signal.SIGTERM, to_all=True)
    assert await stage.end() == 0, stage.log()
    assert stage.marks("stopped") == stage.marks("started")
    assert len(stage.marks("stopped")) == 3


async def _requests(stage: Stage) -> tuple[Line, Line, Line]:
    """Give a connection with a request that takes two seconds, one with a stream, and one that has done its work."""
    slow, stream, idle = [await stage.connect() for _ in range(3)]
    idle.ask("/")
    await idle.answer()
    stream.ask("/events")
    assert (await stream.head()).headers["content-type"] == "text/event-stream"
    await stream.reader.readuntil(b"now")
    slow.ask("/slow/2.0")
    await stage.arrived()
    return slow, stream, idle
