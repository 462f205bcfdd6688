"""What does not end by itself when the server stops: it is cut, the hooks run all the same, and nothing lasts."""

import array
import asyncio
import fcntl
import signal
import termios
import time

import pytest
from server.conftest import Serve
from server.lines import Line
from server.staging import UNHURRIED

# Seconds, for what never ends by itself: a test takes as long as it says here. The others are over with their work.
SHORT = {"streams": 0.3, "lingering": 0.3, "requests": 1, "hooks": 3, "killed": 8}
# What is cut is cut soon, and there is time for the rest.
CUT_SOON = {"requests": 1, "hooks": 8, "killed": 9.5}
LONGEST = 10
# Longer than any test here waits with its next request.
LINGERING = {"lingering": 6}


@pytest.mark.parametrize("path", ["/slow/60.0", "/stubborn"])
async def test_request_that_takes_too_long_is_cut_and_the_hooks_run(serve: Serve, path: str):
    stage = await serve(**CUT_SOON)
    line = await stage.connect()
    line.ask(path)
    await stage.arrived()
    stage.send(signal.SIGTERM)
    assert await line.hears_the_end()
    assert await stage.end() == 0, stage.log()
    assert stage.marks("stopped") == stage.marks("started")
    assert "1 requests did not end in time and were cut." in stage.log()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_stream_whose_client_does_not_read_is_cut(serve: Serve, loop: str):
    stage = await serve(loop=loop, requests=5, hooks=8, killed=9.5)
    line = await stage.connect()
    line.ask("/flood")
    await stage.streams()
    await _is_full(line)
    begun = time.monotonic()
    stage.send(signal.SIGTERM)
    assert await stage.end() == 0, stage.log()
    assert time.monotonic() - begun < LONGEST
    assert stage.marks("stream ended")
    assert "were cut" not in stage.log(), "It was not left for the end."


async def test_stream_that_begins_while_the_server_stops_ends_at_once(serve: Serve):
    stage = await serve(**LINGERING)
    line = await stage.connect()
    line.ask("/")
    await line.answer()
    stage.send(signal.SIGTERM)
    await stage.until(stage.is_free)
    line.ask("/events")
    assert (await line.head()).headers["connection"] == "close"
    assert (await line.rest()).endswith(b"0\r\n\r\n")
    assert await stage.end() == 0, stage.log()


async def test_request_on_a_kept_connection_is_answered_as_its_last_while_the_server_stops(serve: Serve):
    stage = await serve(**LINGERING)
    busy, kept = await stage.connect(), await stage.connect()
    busy.ask("/held")
    for _ in range(2):
        kept.ask("/")
        head, _ = await kept.answer()
        assert "connection" not in head.headers
    stage.send(signal.SIGTERM)
    await stage.until(stage.is_free)
    kept.ask("/")
    head, _ = await kept.answer()
    assert (head.status, head.headers["connection"]) == (200, "close")
    assert await kept.hears_the_end()
    stage.release()
    assert (await busy.answer())[1] == "whole answer"
    assert await stage.end() == 0, stage.log()


async def test_client_that_came_just_before_is_served(serve: Serve):
    """Twenty connections wait to be accepted when the signal comes; the system would reset them."""
    stage = await serve()
    sleeper = await stage.connect()
    sleeper.ask("/nap")
    await stage.arrived()
    lines = [await stage.connect() for _ in range(20)]
    for line in lines:
        line.ask("/")
    stage.send(signal.SIGTERM)
    assert {(await line.answer())[0].status for line in lines} == {200}
    assert await stage.end() == 0, stage.log()


async def test_stream_that_cannot_end_in_good_order_is_cut_and_the_others_are_finished(serve: Serve):
    """It said how long it would be, so its end is refused by what speaks HTTP."""
    stage = await serve(streams=UNHURRIED)
    stream, busy = await stage.connect(), await stage.connect()
    stream.ask("/measured")
    await stream.reader.readuntil(b"now")
    busy.ask("/held")
    await stage.arrived()
    stage.send(signal.SIGTERM)
    await stream.rest()
    stage.release()
    assert (await busy.answer())[1] == "whole answer"
    assert await stage.end() == 0, stage.log()
    assert stage.marks("stream ended") == stage.marks("stopped") == stage.marks("started")
    assert "were cut" not in stage.log()
    assert "A stream could not be ended in good order and was cut." in stage.log()


async def test_hooks_run_whatever_goes_wrong_before(serve: Serve):
    stage = await serve(fault="end fails")
    stage.send(signal.SIGTERM)
    assert await stage.end() == 1
    assert stage.marks("stopped") == stage.marks("started")
    assert "The end is not what it was." in stage.log()


@pytest.mark.parametrize(("fault", "timings"), [("hook hangs", SHORT), ("hook fails", {})])
async def test_hook_that_does_not_end_well_is_told_of(serve: Serve, fault: str, timings: dict[str, float]):
    stage = await serve(fault=fault, **timings)
    begun = time.monotonic()
    stage.send(signal.SIGTERM)
    assert await stage.end() == 1
    assert time.monotonic() - begun < LONGEST
    assert "The application's shutdown" in stage.log()


async def test_worker_that_hears_nothing_is_killed_and_the_others_end_well(serve: Serve):
    stage = await serve(processes=2, lingering=0, killed=5)
    line = await stage.connect()
    line.ask("/frozen")
    await stage.arrived()
    stage.send(signal.SIGTERM)
    assert await stage.end() == 1
    assert "1 workers did not end in time and were killed." in stage.log()
    assert len(stage.marks("stopped")) == 1
    assert stage.is_free()


async def test_ctrl_c_stops_as_sigterm_does(serve: Serve):
    stage = await serve(processes=2)
    line = await stage.connect()
    line.ask("/slow/1.0")
    await stage.arrived()
    stage.send(signal.SIGINT, to_all=True)
    assert (await line.answer())[1] == "whole answer"
    assert await stage.end() == 0
    assert stage.marks("stopped") == stage.marks("started")
    assert "Traceback" not in stage.log()


async def _is_full(line: Line) -> None:
    """Return when the system keeps no more for a client that does not read: it has much, and nothing comes any more."""
    kept, before = 0, -1
    while kept == 0 or kept != before:
        await asyncio.sleep(1)
        kept, before = _kept(line), kept


def _kept(line: Line) -> int:
    """Tell how many bytes lie in the system, to be read."""
    count = array.array("i", [0])
    fcntl.ioctl(line.writer.get_extra_info("socket").fileno(), termios.FIONREAD, count)
    return count[0]
