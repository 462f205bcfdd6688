"""A day's mails are used up by mails and by nothing else: what was counted and is not owed is given back."""

from collections.abc import Callable

import pytest
from watch.world import OTHER, World, on

from webapp.accounts.browsers import Browsers
from webapp.errors import StoreUnavailable
from webapp.history import History
from webapp.sessions.model import Cause, Reason
from webapp.watch.letters import NEW_SIGN_IN, TWO_PLACES

# As many as an inbox gets of each in a day (throttle/mails.py).
A_DAY = 5


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everybody look before anybody has written, as those do who are at it at the same moment."""

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(History, "find", nothing)
    monkeypatch.setattr(Browsers, "knows", nothing)


async def left(world: World, purpose: str) -> int:
    """Use up what is left of a day's mails, and count them."""
    for count in range(A_DAY + 1):
        if not await world.services.watch._rooms.letters._may_tell(purpose, world.ada):
            return count
    raise AssertionError("too many")


def fails_at_first(times: int) -> Callable[..., object]:
    note, calls = History.note, []

    async def fail(*arguments: object) -> bool:
        calls.append(arguments)
        if len(calls) <= times:
            raise StoreUnavailable("the database")
        return await note(*arguments)  # type: ignore[arg-type]  # As they came.

    return fail


@pytest.mark.usefixtures("at_once")
async def test_two_servers_at_one_sign_in_count_one_mail(world: World) -> None:
    await world.sign_in(on(browser=OTHER))
    (entry,) = await world.claim()
    await world.do(entry, entry, entry)
    assert await world.letters() == ["new-sign-in"]
    assert await left(world, NEW_SIGN_IN) == A_DAY - 1


@pytest.mark.usefixtures("at_once")
async def test_browser_that_another_sign_in_has_made_known_meanwhile_counts_no_mail(world: World) -> None:
    for _ in range(2):
        await world.sign_in(on(browser=OTHER))
    first, second = await world.claim()
    await world.do(first, second)
    assert await world.letters() == ["new-sign-in"]
    assert await left(world, NEW_SIGN_IN) == A_DAY - 1


@pytest.mark.usefixtures("at_once")
async def test_two_servers_at_one_end_count_one_mail(world: World) -> None:
    started = await world.watched_sign_in()
    await world.end(started, Cause("two-places"))
    (entry,) = await world.claim()
    await world.do(entry, entry, entry)
    assert await left(world, TWO_PLACES) == A_DAY - 1


@pytest.mark.parametrize(("reason", "purpose"), [("elsewhere", NEW_SIGN_IN), ("two-places", TWO_PLACES)])
async def test_what_sql_did_not_take_counts_no_mail(
    world: World, monkeypatch: pytest.MonkeyPatch, reason: Reason, purpose: str
) -> None:
    started = await world.sign_in(on(browser=OTHER))
    if purpose == TWO_PLACES:
        await world.work()
        await world.end(started, Cause(reason))
    entries = await world.claim()
    with monkeypatch.context() as away:
        away.setattr(History, "note", fails_at_first(A_DAY + 1))
        for _ in range(A_DAY + 2):
            await world.do(*entries)
    assert len(await world.events()) == (2 if purpose == TWO_PLACES else 1)
    assert (await world.letters())[-1] == ("used-in-two-places" if purpose == TWO_PLACES else "new-sign-in")
    assert await left(world, purpose) == A_DAY - 1
