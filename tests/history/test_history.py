"""Events are read by pages, for 90 days, and keep no more of an address than they should."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from account_world import credentials, put
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.history import Event, History, Origin, store
from webapp.history.model import KEPT, MOST, cut_address, ended_id, hourly_id
from webapp.history.tables import event as table

NOW = datetime.now(UTC)
HOME = Origin("s" * 22, "computer:Firefox on Windows", "203.0.113.7", "Berlin, Germany")


def at(account_id: str, minutes: int, *, origin: Origin = HOME) -> Event:
    """Make something that happened so many minutes ago."""
    return Event("name-changed", account_id, NOW - timedelta(minutes=minutes), origin, {"name": str(minutes)})


async def add(history: History, *happened: Event) -> None:
    for each in happened:
        await history.add(each)


async def test_newest_comes_first_and_pages_follow_one_another_without_gap_or_repetition(
    history: History, ada: str
) -> None:
    # Two of them at the same moment, on the edge of a page.
    moments = [0, 1, 2, 2, 2, 3, 4]
    await add(history, *(at(ada, minutes) for minutes in moments))
    read, after = [], None
    while page := await history.page(ada, 3, after):
        read += page
        after = (page[-1].at, page[-1].id)
    assert [event.details["name"] for event in read] == [str(minutes) for minutes in moments]
    assert len({event.id for event in read}) == len(moments)


async def test_event_is_read_as_it_was_written(history: History, ada: str) -> None:
    written = replace(
        at(ada, 1), browser="b" * 43, token_hash="t" * 43, token_until=NOW, details={"name": "Küche", "by": "“x”"}
    )
    await history.add(written)
    assert await history.find(written.id) == written
    assert await history.of(ada) == [written]


async def test_nobody_reads_the_history_of_another(history: History, ada: str, engine: AsyncEngine) -> None:
    eve = credentials("eve@example.test")
    await put(engine, eve)
    await add(history, at(ada, 1), at(eve.account.id, 2))
    assert [event.account_id for event in await history.page(ada, 10)] == [ada]
    assert [event.account_id for event in await history.of(eve.account.id)] == [eve.account.id]


async def test_history_is_kept_for_90_days_and_then_swept(history: History, ada: str, engine: AsyncEngine) -> None:
    assert timedelta(days=90) == KEPT
    # NOW was when the tests were collected, and a whole run of them may take hours.
    old, young = replace(at(ada, 0), at=NOW - KEPT), replace(at(ada, 0), at=NOW - KEPT + timedelta(days=1))
    await add(history, old, young)
    assert await history.page(ada, 10) == [young]
    await history.sweep()
    async with engine.connect() as db:
        assert (await db.execute(select(func.count()).select_from(table))).scalar_one() == 1


async def test_address_is_cut_at_once_where_there_is_no_session(history: History, ada: str) -> None:
    await history.add(at(ada, 1, origin=replace(HOME, session_id="")))
    assert [event.origin.address for event in await history.of(ada)] == ["203.0.113.0/24"]


async def test_address_is_cut_at_once_where_the_session_has_ended_already(
    history: History, ada: str, engine: AsyncEngine
) -> None:
    ended = Event("ended", ada, NOW, HOME.cut(), {"reason": "elsewhere"}, id=ended_id(HOME.session_id))
    async with engine.begin() as db:
        assert await history.note(db, ended)
        await history.close(db, HOME.session_id)
    await history.add(at(ada, 1))
    assert {event.origin.address for event in await history.of(ada)} == {"203.0.113.0/24"}


async def test_only_addresses_of_the_session_that_is_over_are_cut(
    history: History, ada: str, engine: AsyncEngine
) -> None:
    other = replace(HOME, session_id="o" * 22, address="198.51.100.9")
    await add(history, at(ada, 1), at(ada, 2, origin=replace(HOME, address="203.0.114.8")), at(ada, 3, origin=other))
    async with engine.begin() as db:
        await history.close(db, HOME.session_id)
    addresses = [event.origin.address for event in await history.page(ada, 10)]
    assert addresses == ["203.0.113.0/24", "203.0.114.0/24", "198.51.100.9"]


async def test_event_of_an_id_that_stands_is_not_written_again(history: History, ada: str, engine: AsyncEngine) -> None:
    first = at(ada, 1)
    async with engine.begin() as db:
        assert await history.note(db, first)
        assert not await history.note(db, replace(first, details={"name": "another"}))
    assert await history.of(ada) == [first]


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_address_is_cut_to_24_or_48_bits(address: str, cut: str) -> None:
    assert cut_address(address) == cut
    assert cut_address(cut) == cut


def test_what_is_secret_is_not_in_the_text_of_an_event() -> None:
    event = replace(at("a" * 22, 1), browser="b" * 43, token_hash="t" * 43)
    assert "b" * 43 not in repr(event)
    assert "t" * 43 not in repr(event)


async def test_all_events_are_read_however_many_there_are(
    history: History, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "AT_A_TIME", 3)
    # Some at one moment, on the edge of what is read at a time.
    await add(history, *(at(ada, minutes) for minutes in (4, 3, 3, 3, 2, 1)))
    read = await history.of(ada)
    assert [event.details["name"] for event in read] == ["4", "3", "3", "3", "2", "1"]
    assert len({event.id for event in read}) == 6


async def test_newest_5000_of_an_account_are_kept(
    history: History, ada: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST == 5000
    monkeypatch.setattr(store, "MOST", 3)
    eve = credentials("eve@example.test")
    await put(engine, eve)
    await add(history, at(eve.account.id, 9), *(at(ada, minutes) for minutes in (5, 4, 3, 2, 1)))
    assert [event.details["name"] for event in await history.of(ada)] == ["3", "2", "1"]
    assert len(await history.of(eve.account.id)) == 1


async def test_last_one_stands_for_all_of_its_hour(history: History, ada: str) -> None:
    def renamed(subject: str, hours: int, name: str) -> Event:
        moment = NOW - timedelta(hours=hours)
        line = hourly_id("device-renamed", subject, moment)
        return replace(at(ada, 0), kind="device-renamed", at=moment, details={"name": name}, id=line)

    await add(history, renamed("one", 1, "a"), renamed("one", 1, "b"), renamed("two", 1, "c"), renamed("one", 0, "d"))
    await asyncio.gather(*(history.add(renamed("one", 0, "e")) for _ in range(3)))
    assert sorted(event.details["name"] for event in await history.of(ada)) == ["b", "c", "e"]


async def test_sessions_of_whose_end_nothing_is_left_in_redis_are_not_named(history: History, ada: str) -> None:
    for reason in ("idle", "age", "signed-out", "replaced", "elsewhere", "unknown"):
        origin = replace(HOME, session_id=reason)
        await history.add(Event("ended", ada, NOW, origin, {"reason": reason}, id=ended_id(reason)))
    await history.add(at(ada, 1))
    assert await history.sessions_of(ada) == {"elsewhere", "unknown"}
