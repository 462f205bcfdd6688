"""Signing in is written into the history, whatever happens in between, and once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from watch.world import ADDRESS, FIREFOX, KNOWN, OTHER, SAFARI, VISIT, World, on

from webapp.deeds import snapshot_of
from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.outbox import Entry, Outbox
from webapp.sessions.service import SessionService
from webapp.shielding import settle
from webapp.watch.entries import WATCH
from webapp.watch.sessions import SLACK


async def test_sign_in_is_in_the_history_with_device_place_and_address(world: World) -> None:
    before = datetime.now(UTC)
    started = await world.watched_sign_in()
    (event,) = await world.events()
    assert (event.kind, event.details) == ("signed-in", {"method": "password"})
    assert event.origin.session_id == started.session.id
    assert (event.origin.device, event.origin.address) == (FIREFOX.encode(), ADDRESS)
    assert event.origin.place == "Berlin, Germany"
    assert timedelta() <= event.at - before < timedelta(seconds=30)


async def test_sign_in_is_written_at_once_and_the_session_then_left_alone_until_it_may_have_ended(world: World) -> None:
    started = await world.sign_in()
    begun = datetime.now(UTC)
    assert await world.work() == 1
    # What is left of it is counted by whole seconds, when the work begins, and added to the clock when it ends.
    late = datetime.now(UTC) - begun + timedelta(seconds=1)
    assert await world.work() == 0
    (entry,) = await world.entries()
    ends = datetime.fromtimestamp(started.session.ends, UTC)
    assert timedelta() < entry.due - ends <= SLACK + late


async def test_remembered_session_is_looked_at_once_a_day(world: World) -> None:
    await world.watched_sign_in(replace(VISIT, remember=True))
    (entry,) = await world.entries()
    assert abs(entry.due - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)


async def test_session_that_could_not_be_started_is_not_in_the_history(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("Redis")

    with monkeypatch.context() as broken:
        broken.setattr(SessionService, "start", fail)
        with pytest.raises(StoreUnavailable):
            await world.sign_in()
    (entry,) = await world.entries()
    assert await world.work() == 0
    await world.time_passes(entry.id, 40)
    assert await world.work() == 1
    assert len(await world.entries()) == 1
    await world.time_passes(entry.id, 40)
    assert await world.work() == 1
    assert (await world.entries(), await world.events()) == ([], [])


async def test_server_whose_clock_is_ahead_does_not_lose_who_is_signing_in_at_this_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its look comes between the entry and the session, again and again."""
    add, outbox = Outbox.add, world.services.outbox

    async def look_early(self: Outbox, entry: Entry) -> None:
        await add(self, entry)
        for hours in range(2):
            with monkeypatch.context() as ahead:
                ahead.setattr(outbox, "clock", lambda hours=hours: datetime.now(UTC) + timedelta(hours=1 + hours))
                assert await world.work() == 1

    with monkeypatch.context() as early:
        early.setattr(Outbox, "add", look_early)
        started = await world.sign_in()
    assert await world.work() == 1
    await world.end(started)
    await world.work()
    assert sorted(await world.kinds()) == ["ended", "signed-in"]


async def test_server_that_dies_right_after_the_session_began_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(type(world.services.arrivals), "look_at", lambda *_: None)
        started = await world.sign_in()
    assert await world.work() == 0
    await world.time_passes(started.session.id, 31)
    assert await world.work() == 1
    assert await world.kinds() == ["signed-in"]


async def test_sign_in_waits_for_no_history(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, hasten = asyncio.Event(), Outbox.hasten

    async def slowly(self: Outbox, *arguments: object) -> None:
        await gate.wait()
        await hasten(self, *arguments)  # type: ignore[arg-type]  # As they came.

    monkeypatch.setattr(Outbox, "hasten", slowly)
    async with asyncio.timeout(20):
        started = await world.services.arrivals.sign_in(snapshot_of(world.ada), VISIT)
    assert await world.events() == []
    gate.set()
    await settle()
    await world.work()
    assert [event.origin.session_id for event in await world.events()] == [started.session.id]


async def test_nobody_signs_in_while_sql_could_not_keep_the_history(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("the database")

    monkeypatch.setattr(Outbox, "add", fail)
    with pytest.raises(StoreUnavailable):
        await world.sign_in()
    assert (await world.services.sessions.list(world.ada.id)).sessions == ()


async def test_account_that_is_erased_at_this_moment_is_not_signed_in_to(world: World) -> None:
    await world.services.erasures.erase_now(world.ada.id)
    with pytest.raises(WrongCredentials):
        await world.sign_in()


async def test_entry_that_is_done_twice_writes_one_line_and_one_mail(world: World) -> None:
    await world.sign_in()
    (entry,) = await world.claim()
    await world.do(entry, entry)
    assert await world.kinds() == ["signed-in"]
    assert await world.letters() == ["new-sign-in"]


async def test_two_servers_at_one_entry_write_one_line_and_one_mail(world: World) -> None:
    await world.sign_in()
    (entry,) = await world.claim()
    await asyncio.gather(world.do(entry), world.do(entry), world.do(entry))
    assert await world.kinds() == ["signed-in"]
    assert await world.letters() == ["new-sign-in"]


async def test_sign_in_on_an_unknown_browser_is_worth_a_mail_and_on_a_known_one_is_not(world: World) -> None:
    await world.watched_sign_in(on(FIREFOX, browser=KNOWN))
    assert await world.letters() == ["new-sign-in"]
    await world.watched_sign_in(on(FIREFOX, browser=KNOWN, address="198.51.100.99"))
    assert await world.letters() == ["new-sign-in"]
    await world.watched_sign_in(on(SAFARI, browser=OTHER))
    assert await world.letters() == ["new-sign-in", "new-sign-in"]


async def test_registration_is_worth_no_mail_and_makes_its_browser_known(world: World) -> None:
    await world.watched_sign_in(on(method="registration"))
    await world.watched_sign_in()
    assert await world.letters() == []
    assert await world.services.browsers.known("ada@example.test", KNOWN)


async def test_shared_computer_is_never_known(world: World) -> None:
    for _ in range(2):
        await world.watched_sign_in(on(browser=None))
    assert await world.letters() == ["new-sign-in", "new-sign-in"]
    assert await world.services.browsers.of(world.ada.id) == []


async def test_known_browser_uses_none_of_the_days_mails_up(world: World) -> None:
    await world.watched_sign_in()
    # An address that nobody has proven gets three notices a day.
    for _ in range(6):
        await world.watched_sign_in()
    await world.watched_sign_in(on(SAFARI, browser=OTHER))
    assert await world.letters() == ["new-sign-in", "new-sign-in"]


async def test_mail_of_a_sign_in_and_its_line_know_the_same_link(world: World) -> None:
    await world.watched_sign_in()
    (event,) = await world.events()
    (mail,) = [entry for entry in await world.entries("mail") if entry.body["letter"] == "new-sign-in"]
    assert mail.body["hash"] == event.token_hash
    assert event.token_until is not None
    assert timedelta(days=6) < event.token_until - datetime.now(UTC) < timedelta(days=7)


async def test_line_of_a_known_browser_has_no_link(world: World) -> None:
    await world.watched_sign_in()
    again = await world.watched_sign_in()
    (event,) = [event for event in await world.events() if event.origin.session_id == again.session.id]
    assert (event.token_hash, event.token_until) == ("", None)


async def test_sign_in_costs_one_line_in_the_outbox_and_one_in_the_history(world: World) -> None:
    await world.watched_sign_in()
    assert [len(await world.entries(WATCH)), len(await world.events())] == [1, 1]
