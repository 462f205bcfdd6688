"""What becomes of an entry after an attempt, and what the log tells of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest
from outbox.world import DAY, MINUTE, NOW, PATIENCE, Clock, Errand, Lines, away, claim_one, count, make_entry
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.errors import EmailTaken
from webapp.outbox import Entry, GiveUp, Handler, Outbox, attempts
from webapp.outbox.attempts import DOUBT_PAUSE, PAUSES, SPREAD, Attempts
from webapp.outbox.errors import PerhapsDone

BODY = {"letter": "reset-password", "to": "ada@example.com", "seed": "a-seed-that-makes-a-token"}


async def test_what_was_done_is_taken_out(outbox: Outbox, engine: AsyncEngine) -> None:
    entry = make_entry()
    await outbox.add(entry)
    errand = Errand()
    await _attempt(outbox, errand)
    assert errand.done == [entry.id]
    assert await count(engine) == 0


async def test_pauses_after_failures_grow_to_an_hour(outbox: Outbox, clock: Clock, lines: Lines) -> None:
    await outbox.add(make_entry())
    expected = [10, 30, 60, 120, 300, 600, 1800, 3600, 3600, 3600]
    for seconds in expected:
        await _attempt(outbox, _raising(ConnectionRefusedError))
        due = await _due(outbox)
        assert abs((due - clock.now).total_seconds() - seconds) <= seconds * SPREAD
        clock.now = due
    assert lines.warnings == []
    assert lines.traceback_count == 0


async def test_entry_is_given_up_before_an_attempt_would_come_too_late(
    outbox: Outbox, clock: Clock, engine: AsyncEngine, lines: Lines
) -> None:
    await outbox.add(make_entry(body=BODY))
    tries = 0
    while await count(engine):
        await _attempt(outbox, _raising(ConnectionRefusedError))
        tries += 1
        if await count(engine):
            clock.now = await _due(outbox)
            assert clock.now <= NOW + DAY
    # A day has some twenty-four hours; the pauses below one hour fit into the first.
    assert 24 <= tries <= len(PAUSES) + 26
    assert lines.warnings == ["Gave up mail reset-password (no account): ConnectionRefusedError."]


async def test_entry_that_is_not_worth_trying_is_dropped_at_once(
    outbox: Outbox, engine: AsyncEngine, lines: Lines
) -> None:
    await outbox.add(make_entry(body=BODY))
    await _attempt(outbox, _raising(lambda: GiveUp("the server refuses the recipient")))
    assert await count(engine) == 0
    assert lines.warnings == ["Gave up mail reset-password (no account): the server refuses the recipient."]


async def test_bug_is_logged_once_with_its_traceback_and_tried_again(
    outbox: Outbox, clock: Clock, lines: Lines
) -> None:
    await outbox.add(make_entry(body=BODY))
    # The first attempt meets something else: the bug's own traceback is not lost for that.
    failures: list[Exception] = [LookupError(), LookupError(), OSError()]
    trying = Attempts(outbox, {"mail": _raising(failures.pop)})
    while failures:
        await trying.make(await claim_one(outbox), _in(PATIENCE))
        clock.now = await _due(outbox)
    assert lines.traceback_count == 1
    assert lines.warnings == ["Doing mail reset-password (no account) met a bug of ours."]


async def test_no_line_holds_what_the_body_keeps(outbox: Outbox, clock: Clock, lines: Lines) -> None:
    await outbox.add(make_entry(body=BODY))
    for failure in (OSError, LookupError, lambda: GiveUp("no")):
        await _attempt(outbox, _raising(failure))
        clock.now += DAY / 2
    told = [record.getMessage() for record in lines.records]
    assert len(told) == 4
    assert not any(BODY["to"] in line or BODY["seed"] in line for line in told)


async def test_reason_is_told_in_our_words_and_never_in_those_of_a_library(outbox: Outbox, lines: Lines) -> None:
    failures: list[Exception] = [OSError("no route to ada@example.com"), EmailTaken(), away()]
    while failures:
        await outbox.add(make_entry())
        await _attempt(outbox, _raising(failures.pop))
    reasons = [record.getMessage().partition("(no account) failed ")[2].partition(";")[0] for record in lines.records]
    assert reasons == ["(the database did not answer)", "(EmailTaken)", "(OSError)"]


async def test_handler_that_hangs_is_cut_and_tried_again(outbox: Outbox, clock: Clock) -> None:
    await outbox.add(make_entry())
    errand = Errand(is_open=False)
    await _attempt(outbox, errand, patience=0.01)
    assert (len(errand.begun), errand.cancelled) == (1, 1)
    assert await _due(outbox) > clock.now


async def test_entry_that_nobody_could_do_in_its_time_is_given_up_untried(
    outbox: Outbox, clock: Clock, engine: AsyncEngine, lines: Lines
) -> None:
    await outbox.add(make_entry(until=NOW + MINUTE))
    clock.now += 2 * MINUTE
    errand = Errand()
    await _attempt(outbox, errand)
    assert errand.begun == []
    assert await count(engine) == 0
    assert lines.warnings == ["Gave up mail (no account): its time has passed."]


async def test_what_was_done_is_taken_out_when_the_database_is_back(
    outbox: Outbox, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "WRITE_PAUSE", 0)
    failures, take_out = [away(), away()], outbox.done

    async def done(entry_id: str) -> None:
        if failures:
            raise failures.pop()
        await take_out(entry_id)

    monkeypatch.setattr(outbox, "done", done)
    await outbox.add(make_entry())
    errand = Errand()
    await _attempt(outbox, errand)
    assert len(errand.done) == 1
    assert await count(engine) == 0


async def test_what_may_be_done_is_done_twice_more_at_most_and_each_time_long_afterwards(
    outbox: Outbox, clock: Clock, engine: AsyncEngine, lines: Lines
) -> None:
    await outbox.add(make_entry(body=BODY))
    # What is known to have failed is not counted, and its pauses stay short.
    for failure, seconds in ((_in_doubt, DOUBT_PAUSE), (OSError, 30), (_in_doubt, DOUBT_PAUSE), (OSError, 120)):
        await _attempt(outbox, _raising(failure))
        due = await _due(outbox)
        assert abs((due - clock.now).total_seconds() - seconds) <= seconds * SPREAD
        clock.now = due
    await _attempt(outbox, _raising(_in_doubt))
    assert await count(engine) == 0
    *doubts, end = lines.warnings
    assert len(doubts) == 2
    assert all(
        line.startswith("mail reset-password (no account) may be done (no answer); once more") for line in doubts
    )
    assert end == "Gave up mail reset-password (no account): no answer."


async def test_what_may_be_done_is_not_done_again_when_its_time_has_passed(
    outbox: Outbox, engine: AsyncEngine, lines: Lines
) -> None:
    await outbox.add(make_entry(until=NOW + 20 * MINUTE))
    await _attempt(outbox, _raising(_in_doubt))
    assert await count(engine) == 0
    assert lines.warnings == ["Gave up mail (no account): no answer."]


async def test_doubt_is_written_down_when_the_database_is_back(
    outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "WRITE_PAUSE", 0)
    failures, give_back = [away(), away()], outbox.postpone

    async def postpone(entry: Entry, due: datetime) -> bool:
        if failures:
            raise failures.pop()
        return await give_back(entry, due)

    monkeypatch.setattr(outbox, "postpone", postpone)
    await outbox.add(make_entry())
    await _attempt(outbox, _raising(_in_doubt))
    clock.now = await _due(outbox)
    assert clock.now > NOW + 20 * MINUTE
    assert (await claim_one(outbox)).doubts == 1


async def test_failure_while_the_database_is_away_leaves_the_entry_to_its_claim(
    outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def postpone(entry: Entry, due: datetime) -> bool:
        raise away()

    monkeypatch.setattr(outbox, "postpone", postpone)
    await outbox.add(make_entry())
    await _attempt(outbox, _raising(away))
    clock.now += MINUTE
    assert (await claim_one(outbox)).attempts == 2


def _in_doubt() -> PerhapsDone:
    return PerhapsDone("no answer")


def _raising(make: Callable[[], Exception]) -> Handler:
    async def handler(entry: Entry) -> None:
        raise make()

    return handler


async def _attempt(outbox: Outbox, handler: Handler, patience: float = PATIENCE) -> None:
    await Attempts(outbox, {"mail": handler}).make(await claim_one(outbox), _in(patience))


def _in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _due(outbox: Outbox) -> datetime:
    due = await outbox.next_due(["mail"])
    assert due is not None
    return due
