"""Clients that say nothing, say it byte by byte, or do not listen: they are dropped, and do not stop the others."""

import asyncio
import time
from contextlib import suppress

import pytest
from server.conftest import Serve
from server.lines import Line
from server.staging import FILES, PLACES, Stage

from webapp.server.connections import FAIR_CHANCE
from webapp.server.timings import Timings

# Seconds. A byte now and then.
DRIP = 0.05
# Seconds; a busy machine may let everybody do nothing for a few.
STALLED = 5
# Bytes. What /large is made of.
LARGE = 64_000_000
END = b"\r\n0\r\n\r\n"


async def test_client_that_says_nothing_is_dropped(serve: Serve):
    stage = await serve(silence=0.3)
    assert await (await stage.connect()).hears_the_end()


@pytest.mark.parametrize("first", ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "])
async def test_client_that_trickles_its_headers_is_dropped_with_408(serve: Serve, first: str):
    stage = await serve(head=0.5)
    line = await stage.connect()
    line.write(first)
    dripping = asyncio.create_task(_drip(line))
    head = await line.head()
    assert (head.status, head.headers["connection"], head.headers["x-refused"]) == (408, "close", "yes")
    assert await line.hears_the_end()
    dripping.cancel()


async def test_client_that_trickles_its_second_request_is_dropped(serve: Serve):
    stage = await serve(head=0.5)
    line = await stage.connect()
    line.ask("/")
    await line.answer()
    dripping = asyncio.create_task(_drip(line))
    assert (await line.head()).status == 408
    dripping.cancel()


async def test_connection_between_requests_is_kept_for_longer_than_a_silent_one(serve: Serve):
    stage = await serve(silence=3, head=3, idle=30)
    line = await stage.connect()
    for pause in (4, 0):
        line.ask("/")
        assert (await line.answer())[0].status == 200
        await asyncio.sleep(pause)


async def test_connection_that_is_not_used_any_more_is_closed(serve: Serve):
    stage = await serve(silence=60, head=60, idle=1)
    line = await stage.connect()
    line.ask("/")
    await line.answer()
    assert await line.hears_the_end()


async def test_handler_may_take_longer_than_a_client(serve: Serve):
    stage = await serve(silence=3, head=3, idle=3, stalled=3, farewell=3)
    line = await stage.connect()
    line.ask("/slow/4.0")
    assert (await line.answer())[1] == "whole answer"


def test_connections_are_kept_for_longer_than_herokus_router_keeps_them():
    """It keeps them for 90 s (Dev Center, "HTTP Routing"); a server that closes earlier races with its next request."""
    assert Timings().idle > 90


def test_all_is_over_within_ten_seconds_of_sigterm():
    order = Timings()
    times = [order.streams, order.lingering, order.requests, order.hooks, order.killed, 10]
    assert times == sorted(times)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_client_that_does_not_read_does_not_hold_its_handler(serve: Serve, loop: str):
    stage = await serve(stalled=0.5, loop=loop)
    line = await stage.connect()
    line.ask("/large")
    await stage.until(lambda: stage.marks("stream ended"))
    await _is_served(stage)


async def test_answer_that_is_read_slowly_arrives_whole(serve: Serve):
    stage = await serve(stalled=STALLED)
    line = await stage.connect()
    line.ask("/large")
    await line.head()
    received, last, begun = 0, b"", time.monotonic()
    while piece := await line.reader.read(1_000_000):
        received += len(piece)
        # The end of the last piece and of the whole may be read one by one.
        last = (last + piece)[-len(END) :]
        if last == END:
            break
        # It takes longer in all than a client may do nothing.
        await asyncio.sleep(max(0, begun + 1.3 * STALLED * received / LARGE - time.monotonic()))
    assert received > LARGE
    assert time.monotonic() - begun > STALLED


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_two_hundred_trickling_clients_do_not_stop_others(serve: Serve, loop: str):
    stage = await serve(loop=loop, silence=60, head=60)
    crowd = [await stage.connect() for _ in range(200)]
    dripping = [asyncio.create_task(_drip(line)) for line in crowd]
    hearing = [asyncio.create_task(line.reader.read(1)) for line in crowd]
    await asyncio.sleep(0.2)
    for _ in range(5):
        await _is_served(stage)
    assert not any(task.done() for task in dripping + hearing), "They are still there, and nothing was said to them."
    for task in dripping + hearing:
        task.cancel()


async def test_more_trickling_clients_than_places_do_not_stop_others(serve: Serve):
    stage = await serve(files=FILES, silence=60, head=60)
    first = await stage.connect()
    first.write("GET / HTTP")
    for _ in range(2 * PLACES):
        (await stage.connect()).write("GET / HTTP")
    assert await first.hears_the_end(), "Who waits for longest has to go."
    await _is_served(stage)
    assert "ERROR" not in stage.log()


async def test_more_clients_that_keep_back_their_bodies_than_places_do_not_stop_others(serve: Serve):
    stage = await serve(files=FILES)
    first = await stage.connect()
    first.ask("/body", "Content-Length: 9", method="POST")
    for _ in range(2 * PLACES):
        (await stage.connect()).ask("/body", "Content-Length: 9", method="POST")
    assert await first.hears_the_end(), "Who waits for longest has to go."
    await _is_served(stage)
    assert "ERROR" not in stage.log()


async def test_client_whose_request_is_worked_on_keeps_its_place(serve: Serve):
    stage = await serve(files=FILES)
    busy = [await stage.connect() for _ in range(PLACES)]
    for line in busy:
        line.ask("/held")
    await stage.until(lambda: stage.count("arrived") == PLACES)
    more = [await stage.connect() for _ in range(10)]
    for line in more:
        line.ask("/")
    # As long as any other client would have kept its place, and longer.
    await asyncio.sleep(2 * FAIR_CHANCE)
    stage.release()
    assert {(await line.answer())[1] for line in busy} == {"whole answer"}
    assert {(await line.answer())[0].status for line in more} == {200}


async def test_process_without_files_says_so_and_takes_one_from_an_idle_client(serve: Serve):
    stage = await serve(files=FILES, silence=60)
    idle, hoarding = await stage.connect(), await stage.connect()
    hoarding.ask("/hoard")
    await hoarding.answer()
    await _is_served(stage)
    assert await idle.hears_the_end()
    assert "No client can be taken: Too many open files." in stage.log()


async def _drip(line: Line) -> None:
    with suppress(ConnectionError):
        while True:
            line.write("a")
            await line.writer.drain()
            await asyncio.sleep(DRIP)


async def _is_served(stage: Stage) -> None:
    line = await stage.connect()
    line.ask("/")
    head, _ = await line.answer()
    assert head.status == 200
    line.close()
