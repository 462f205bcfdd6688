"""SIGTERM: what is under way is finished, streams end, hooks run, and all of it within ten seconds."""

import asyncio
import signal
import time

import pytest
from server.conftest import Serve, SetUp
from server.lines import Line
from server.staging import FILES, PLACES, UNHURRIED, Stage

# Seconds. What the platforms' promise to us was made into: they kill after 30.
ALL_IN_ALL = 10


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("to_all", [False, True], ids=["to the parent", "to all"])
async def test_stop_finishes_requests_ends_streams_and_runs_hooks(
    serve: Serve, *, to_all: bool, processes: int, loop: str
):
    stage = await serve(processes=processes, loop=loop, streams=UNHURRIED)
    slow, stream, idle = await _requests(stage)
    trickling, silent = await stage.connect(), await stage.connect()
    trickling.write("GET / HTTP/1.1\r\nHost: ")
    begun = time.monotonic()
    # Heroku's repeats itself.
    for _ in range(3):
        stage.send(signal.SIGTERM, to_all=to_all)
        await asyncio.sleep(0.05)
    assert (await stream.rest()).endswith(b"\r\n0\r\n\r\n")
    # The stream did not wait for the slow answer.
    stage.release()
    head, body = await slow.answer()
    assert (head.status, body) == (200, "whole answer")
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


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_stop_while_all_places_are_taken_finishes_all_requests(serve: Serve, loop: str):
    stage = await serve(loop=loop, files=FILES)
    lines = [await stage.connect() for _ in range(PLACES)]
    for line in lines:
        line.ask("/held")
    await stage.until(lambda: stage.count("arrived") == PLACES)
    stage.send(signal.SIGTERM)
    await stage.until(stage.is_free)
    stage.release()
    assert {(await line.answer())[1] for line in lines} == {"whole answer"}
    assert await stage.end() == 0, stage.log()
    assert stage.marks("stopped") == stage.marks("started")
    assert "Traceback" not in stage.log()


async def test_body_that_is_still_coming_is_waited_for(serve: Serve):
    stage = await serve()
    line = await stage.connect()
    line.ask("/body", "Content-Length: 9", "Expect: 100-continue", method="POST")
    # The request has been read.
    assert (await line.head()).status == 100
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
    """Give connections: a request on it waits to be released, a stream is under way, the work is done."""
    slow, stream, idle = [await stage.connect() for _ in range(3)]
    idle.ask("/")
    await idle.answer()
    stream.ask("/events")
    assert (await stream.head()).headers["content-type"] == "text/event-stream"
    await stream.reader.readuntil(b"now")
    slow.ask("/held")
    await stage.arrived()
    return slow, stream, idle
