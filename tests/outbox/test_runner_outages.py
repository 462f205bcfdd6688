"""Whatever goes wrong around it, the runner goes on when it is over, and says so once."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from outbox.world import PATIENCE, Away, Clock, Errand, Lines, away, end, make_entry, put
from servers import PostgresServer
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import open_engine, opening, waiting
from webapp.outbox import Outbox, Runner
from webapp.outbox.runner import Timings

RESTLESS = Timings(poll=0.01, busy=0.01, finish=PATIENCE, sweep=0.01)


async def test_outage_is_told_once_and_work_goes_on_afterwards(engine: AsyncEngine, clock: Clock, lines: Lines) -> None:
    outbox, errand = Away(engine, clock), Errand()
    outbox.failures = [away() for _ in range(5)]
    await put(engine, make_entry())
    runner = _started(outbox, errand)
    await errand.until_done()
    await end(runner)
    assert lines.warnings == ["The outbox waits (mail): the database did not answer."]


async def test_outage_is_told_again_after_a_while(engine: AsyncEngine, clock: Clock, lines: Lines) -> None:
    outbox, errand = Away(engine, clock), Errand()
    outbox.failures = [away() for _ in range(5)]
    await put(engine, make_entry())
    runner = _started(outbox, errand, Timings(poll=0.01, quiet=0, finish=PATIENCE))
    await errand.until_done()
    await end(runner)
    assert len(lines.warnings) == 5


async def test_bug_in_a_look_is_logged_and_stops_nothing(engine: AsyncEngine, clock: Clock, lines: Lines) -> None:
    outbox, errand = Away(engine, clock), Errand()
    outbox.failures = [LookupError(), LookupError()]
    await put(engine, make_entry())
    runner = _started(outbox, errand)
    await errand.until_done()
    await end(runner)
    assert lines.traceback_count == 1


async def test_locked_sqlite_is_waited_for(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT", 0.1)
    engine, errand = open_engine(sqlite_url), Errand()
    await put(engine, make_entry())
    with _locked(sqlite_url):
        runner = _started(Outbox(engine, Clock()), errand)
        await lines.until("The outbox waits")
        assert errand.begun == []
    await errand.until_done()
    await end(runner)
    await engine.dispose()


async def test_postgresql_that_froze_is_waited_for(
    postgres: PostgresServer, postgresql_url: str, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    engine, errand = open_engine(postgresql_url), Errand()
    outbox = Outbox(engine, Clock())
    await outbox.add(make_entry())
    postgres.freeze()
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(waiting, "DEADLINE", 0.2)
            runner = _started(outbox, errand)
            await lines.until("The outbox waits")
            assert errand.begun == []
    finally:
        postgres.thaw()
    await errand.until_done()
    await end(runner)
    await engine.dispose()


async def test_sweep_comes_again_and_again_whatever_comes_of_it(outbox: Outbox, lines: Lines) -> None:
    failures: list[Exception] = [LookupError(), away()]
    swept = asyncio.Event()

    async def sweep() -> None:
        if failures:
            raise failures.pop()
        swept.set()

    runner = Runner(outbox, {"mail": Errand()}, sweeps=[sweep], timings=RESTLESS)
    runner.start()
    async with asyncio.timeout(PATIENCE):
        await swept.wait()
    await end(runner)
    assert lines.warnings == ["Sweeping waits: the database did not answer.", "Sweeping met a bug of ours."]


@contextmanager
def _locked(sqlite_url: str) -> Iterator[None]:
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


def _started(outbox: Outbox, errand: Errand, timings: Timings = RESTLESS) -> Runner:
    runner = Runner(outbox, {"mail": errand}, timings=timings)
    runner.start()
    return runner


async def test_sweep_that_fails_keeps_no_other_from_being_done(outbox: Outbox, lines: Lines) -> None:
    swept = asyncio.Event()

    async def fails() -> None:
        raise away()

    async def sweep() -> None:
        swept.set()

    runner = Runner(outbox, {"mail": Errand()}, sweeps=[fails, sweep], timings=RESTLESS)
    runner.start()
    async with asyncio.timeout(PATIENCE):
        await swept.wait()
    await end(runner)
    assert "Sweeping waits: the database did not answer." in lines.warnings
