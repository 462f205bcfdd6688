"""Workers that crash, cannot start, or lose their parent."""

import os
import signal
import time

import pytest
from server.conftest import Serve, SetUp

RESTART = 0.5


@pytest.mark.parametrize("processes", [1, 3])
async def test_crashed_worker_is_replaced_and_nobody_is_turned_away(serve: Serve, processes: int):
    stage = await serve(processes=processes)
    line = await stage.connect()
    line.ask("/crash")
    assert await line.hears_the_end()
    # With one process there is nobody to answer now; the port is open all the same.
    line = await stage.connect()
    line.ask("/")
    assert (await line.answer())[0].status == 200
    await stage.until(lambda: len(stage.marks("started")) == processes + 1)
    assert "A worker ended by itself (SIGKILL); another one takes its place." in stage.log()
    stage.send(signal.SIGTERM)
    assert await stage.end() == 0, stage.log()


async def test_worker_that_is_stopped_alone_finishes_and_is_replaced(serve: Serve):
    stage = await serve()
    [worker] = stage.marks("started")
    line = await stage.connect()
    line.ask("/slow/1.0")
    await stage.arrived()
    os.kill(worker, signal.SIGTERM)
    assert (await line.answer())[1] == "whole answer"
    await stage.until(lambda: len(stage.marks("started")) == 2)
    assert stage.marks("stopped") == {worker}


@pytest.mark.parametrize("fault", ["build", "startup"])
@pytest.mark.parametrize("processes", [1, 3])
async def test_application_that_cannot_start_ends_all_with_a_sentence(set_up: SetUp, fault: str, processes: int):
    stage = set_up(fault=fault, processes=processes)
    assert await stage.end() == 1
    last = stage.log().splitlines()[-1]
    assert "No worker could start (exit status 1): nothing is served. The lines above say why." in last
    assert {"build": "There is nothing to serve.", "startup": "No store answers."}[fault] in stage.log()
    assert stage.is_free()


async def test_worker_that_cannot_be_replaced_is_tried_again_with_a_breath_in_between(serve: Serve):
    stage = await serve(fault="only once", restart=RESTART)
    begun = time.monotonic()
    line = await stage.connect()
    line.ask("/crash")
    await stage.until(lambda: stage.log().count("A worker ended by itself") >= 4)
    assert stage.log().count("A worker ended by itself") <= 2 + (time.monotonic() - begun) / RESTART
    stage.send(signal.SIGTERM)
    await stage.end()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_workers_end_in_good_order_when_their_parent_is_killed(serve: Serve, loop: str):
    stage = await serve(processes=3, loop=loop)
    line = await stage.connect()
    line.ask("/slow/1.0")
    await stage.arrived()
    stage.send(signal.SIGKILL)
    assert (await line.answer())[1] == "whole answer"
    await stage.until(lambda: stage.marks("stopped") == stage.marks("started"))
    await stage.until(stage.is_free)
    await stage.until(stage.is_gone)


async def test_frozen_worker_ends_too_when_its_parent_is_killed(serve: Serve):
    stage = await serve(killed=1)
    line = await stage.connect()
    line.ask("/frozen")
    await stage.arrived()
    stage.send(signal.SIGKILL)
    await stage.until(stage.is_free)
    await stage.until(stage.is_gone)
