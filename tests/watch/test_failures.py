"""Wrong passwords are told to the owner of the account, in one line for each hour and network, and exactly counted."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from watch.world import NETWORK, PASSWORD, World

from webapp.accounts.tables import account as accounts
from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.history import History
from webapp.history.tables import event as events
from webapp.outbox import Entry, Outbox
from webapp.outbox.tables import outbox
from webapp.shielding import settle
from webapp.throttle.attempts import FAILURES

ATTACKER = "203.0.113.66"


@pytest.fixture
async def world(world: World) -> World:
    """Have Ada's address proven: to no other is anybody told of failed tries."""
    async with world.engine.begin() as db:
        await db.execute(update(accounts).values(confirmed=world.ada.created))
    return world


@pytest.fixture(autouse=True)
def one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all tries of a test be noted at the same moment: lines are counted by the hour, and one may end now."""
    new, moment = Entry.new, datetime.now(UTC)

    def at_the_moment(*arguments: Any, **options: Any) -> Entry:
        return replace(new(*arguments, **options), created=moment)

    monkeypatch.setattr(Entry, "new", at_the_moment)


async def fail(world: World, email: str = "ada@example.test", network: str = ATTACKER) -> None:
    """Try a wrong password."""
    with pytest.raises(WrongCredentials):
        await world.services.accounts.authenticate(email, "wrong", network=network, device="Chrome on Windows")


async def note(world: World, times: int, *, consecutive: int = 1, network: str = ATTACKER) -> None:
    """Have tries noted that failed, past the limits."""
    failures = world.services.passwords._prover._failures
    for _ in range(times):
        await failures.failed("ada@example.test", network, "Chrome on Windows", consecutive)


async def test_wrong_password_is_in_the_history_with_its_device_and_a_part_of_its_network(world: World) -> None:
    await fail(world)
    await world.work()
    (event,) = await world.events()
    assert (event.kind, event.details) == ("failed", {"count": "1"})
    assert event.origin.address == NETWORK
    assert event.origin.device == "unknown:Chrome on Windows"
    assert event.origin.session_id == ""


async def test_tries_of_an_hour_and_network_are_one_line_that_counts_them(world: World) -> None:
    await note(world, 7)
    await world.work()
    assert [event.details["count"] for event in await world.events()] == ["7"]


async def test_other_networks_and_other_hours_have_lines_of_their_own(world: World) -> None:
    await note(world, 2)
    await note(world, 3, network="2001:db8:1:2::/64")
    async with world.engine.begin() as db:
        theirs = outbox.c.body.contains(NETWORK)
        row = (await db.execute(select(outbox).where(theirs).limit(1))).one()
        earlier = {"created": row.created - timedelta(hours=1)}
        await db.execute(update(outbox).where(outbox.c.id == row.id).values(earlier))
    await world.work()
    told = sorted((event.origin.address, event.details["count"]) for event in await world.events())
    assert told == [("2001:db8:1::/48", "3"), (NETWORK, "1"), (NETWORK, "1")]


async def test_email_that_nobody_has_leaves_nothing_and_costs_the_same_line(world: World) -> None:
    for email in ("nobody@example.test", "no email at all", "ada@example.test"):
        await fail(world, email)
    entries = await world.claim()
    assert [entry.account_id for entry in entries] == [None] * 3
    assert len({frozenset(entry.body) for entry in entries}) == 1
    await world.do(*entries)
    assert await world.kinds() == ["failed"]
    assert await world.waiting() == 0


async def test_try_is_noted_although_whoever_guesses_hangs_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add, gate, begun = Outbox.add, asyncio.Event(), asyncio.Event()

    async def slowly(self: Outbox, entry: object) -> None:
        begun.set()
        await gate.wait()
        await add(self, entry)  # type: ignore[arg-type]  # Patched into its class.

    monkeypatch.setattr(Outbox, "add", slowly)
    guessing = asyncio.create_task(fail(world))
    await begun.wait()
    guessing.cancel()
    await asyncio.wait([guessing])
    gate.set()
    await settle()
    assert await world.work() == 1
    assert await world.kinds() == ["failed"]


async def test_nobody_learns_that_a_password_was_wrong_before_that_is_noted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("the database")

    monkeypatch.setattr(Outbox, "add", away)
    with pytest.raises(StoreUnavailable):
        await fail(world)


async def test_try_is_counted_once_however_often_its_entry_is_done(world: World) -> None:
    await note(world, 1)
    (entry,) = await world.claim()
    await asyncio.gather(world.do(entry), world.do(entry), world.do(entry))
    await world.do(entry)
    assert [event.details["count"] for event in await world.events()] == ["1"]


async def test_tries_that_two_servers_count_at_once_are_all_counted(world: World) -> None:
    await note(world, 8)
    entries = await world.claim()
    await asyncio.gather(world.do(*entries[:4]), world.do(*entries[4:]))
    assert [event.details["count"] for event in await world.events()] == ["8"]


async def test_owner_is_written_to_at_the_tenth_failed_try_and_once_a_day(world: World) -> None:
    await note(world, 9)
    await world.work()
    assert await world.letters() == []
    await note(world, 5)
    await world.work()
    assert await world.letters() == ["many-failed-tries"]


async def test_owner_is_written_to_when_new_browsers_are_refused(world: World) -> None:
    await note(world, 1, consecutive=FAILURES - 1)
    await note(world, 1, consecutive=FAILURES)
    await note(world, 1, consecutive=FAILURES + 1)
    await world.work()
    assert await world.letters() == ["tries-limit-reached"]


async def test_owner_is_written_to_also_where_the_try_that_reached_the_limit_was_never_noted(world: World) -> None:
    await note(world, 1, consecutive=FAILURES + 1)
    await world.work()
    assert await world.letters() == ["tries-limit-reached"]


async def test_owner_is_told_of_the_limit_once_in_a_day_and_not_of_less(world: World) -> None:
    await note(world, 12, consecutive=FAILURES + 1)
    await world.work()
    await note(world, 1)
    await world.work()
    assert await world.letters() == ["tries-limit-reached"]


@pytest.mark.parametrize(("consecutive", "letter"), [(1, "many-failed-tries"), (FAILURES, "tries-limit-reached")])
async def test_write_that_failed_costs_no_mail(
    world: World, monkeypatch: pytest.MonkeyPatch, consecutive: int, letter: str
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("the database")

    await note(world, 9)
    await world.work()
    await note(world, 1, consecutive=consecutive)
    with monkeypatch.context() as outage:
        outage.setattr(History, "count", away)
        assert await world.work() == 1
    async with world.engine.begin() as db:
        await db.execute(update(outbox).values(due=world.ada.created))
    assert await world.work() == 1
    assert await world.letters() == [letter]


async def test_owner_is_written_to_again_after_a_day(world: World) -> None:
    await note(world, 10)
    await world.work()
    async with world.engine.begin() as db:
        a_day_ago = [event.at - timedelta(hours=25) for event in await world.events()]
        await db.execute(update(events).values(id="failed:yesterday", at=a_day_ago[0]))
    await note(world, 10)
    await world.work()
    assert await world.letters() == ["many-failed-tries"] * 2


async def test_failed_tries_of_an_account_that_is_erased_are_dropped(world: World) -> None:
    await note(world, 2)
    await world.services.erasures.erase_now(world.ada.id)
    assert await world.work() == 2
    assert await world.waiting() == 0


async def test_right_password_is_no_failed_try(world: World) -> None:
    await world.services.accounts.authenticate("ada@example.test", PASSWORD, network=ATTACKER)
    assert await world.work() == 0
