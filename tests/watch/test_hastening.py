"""A session is looked at soon although SQL is away for a moment, and nothing waits for that."""

import asyncio
from collections.abc import Callable, Collection

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from watch.world import OTHER, SAFARI, World, on

from webapp.accounts.passwords import PasswordHasher
from webapp.errors import StoreUnavailable
from webapp.outbox import Outbox
from webapp.sessions.model import Cause
from webapp.settings import Settings
from webapp.shielding import settle
from webapp.watch import hastening
from webapp.wiring import connect_services

PATIENCE = 30
LONG = 3600


class Away:
    """A database that does not answer the next attempts; ``asked`` says for which sessions it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failures = 0
        self.asked: list[set[str]] = []
        hasten, away = Outbox.hasten, self

        async def fail_first(outbox: Outbox, db: AsyncConnection, entry_ids: Collection[str]) -> None:
            away.asked.append(set(entry_ids))
            if len(away.asked) <= away.failures:
                raise StoreUnavailable("the database")
            await hasten(outbox, db, entry_ids)

        monkeypatch.setattr(Outbox, "hasten", fail_first)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Use one database: nothing here depends on its kind."""
    return sqlite_url


@pytest.fixture
def away(world: World, monkeypatch: pytest.MonkeyPatch) -> Away:
    """Let SQL answer for now, and the pauses be over at once."""
    monkeypatch.setattr(hastening, "PAUSES", (0, 0, 0))
    return Away(monkeypatch)


async def all_attempts(world: World) -> None:
    """Let the pauses pass, and all that nobody waits for come to its end."""
    async with asyncio.timeout(PATIENCE):
        await settle()
        while world.services.arrivals._hastening._timers:
            await asyncio.sleep(0)
            await settle()


@pytest.mark.parametrize("failures", [1, 3])
async def test_owner_of_a_stolen_cookie_is_written_to_soon_although_sql_was_away_for_a_moment(
    world: World, away: Away, failures: int
) -> None:
    started = await world.watched_sign_in()
    away.asked, away.failures = [], failures
    await world.end(started, Cause("two-places"))
    await all_attempts(world)
    assert await world.work() == 1
    assert await world.reasons() == ["two-places"]
    assert "used-in-two-places" in await world.letters()


async def test_sessions_that_end_during_an_outage_share_few_attempts_and_come_in_their_turn(
    world: World, away: Away
) -> None:
    started = [await world.watched_sign_in(on(SAFARI, browser=OTHER)) for _ in range(3)]
    away.asked, away.failures = [], 100
    await world.services.sessions.end_all(world.ada.id, Cause("password"))
    await all_attempts(world)
    ids = {each.session.id for each in started}
    assert away.asked == [ids] * 4
    assert await world.work() == 0


async def test_those_that_wait_for_the_same_pause_are_one_attempt_and_there_are_not_too_many(
    world: World, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hastening, "MOST_WAITING", 3)
    monkeypatch.setattr(hastening, "PAUSES", (LONG,))
    away.failures = 3
    for ids in (["one"], ["two", "three"], ["four"]):
        world.services.arrivals.look_at(ids)
        await settle()
    ((pause, timer),) = world.services.arrivals._hastening._timers.items()
    timer.cancel()
    world.services.arrivals._hastening._again(pause)
    await all_attempts(world)
    assert away.asked == [{"one"}, {"two", "three"}, {"four"}, {"one", "two", "three"}]


async def test_server_that_stops_waits_for_no_pause(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hastening, "PAUSES", (LONG,))
    away = Away(monkeypatch)
    away.failures = 2
    async with asyncio.timeout(PATIENCE), connect_services(Settings.from_env(environ), cheap_hasher()) as services:
        waiting = services.arrivals._hastening._timers
        services.arrivals.look_at(["one"])
        await settle()
        (timer,) = waiting.values()
        # This one fails while the server stops.
        services.arrivals.look_at(["two"])
    assert timer.cancelled()
    assert len(away.asked) == 2
    assert list(waiting.values()) == [timer]


async def test_attempt_that_fails_while_the_server_stops_is_the_last_one(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Away(monkeypatch)
    away.failures = 1
    async with connect_services(Settings.from_env(environ), cheap_hasher()) as services:
        services.arrivals.look_at(["one"])
    assert away.asked == [{"one"}]
    assert not services.arrivals._hastening._timers
