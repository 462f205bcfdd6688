"""Known browsers: who reads a browser's cookie once is not known for ever, and nobody else is taken for new."""

from datetime import UTC, datetime, timedelta

import pytest
from account_life import ask, change, moved, reset
from account_world import ADA, World
from browser_cookies import NAME, Cookie, keep
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import KNOWN_FOR, Browsers, ShownBrowser
from webapp.accounts.model import Account
from webapp.accounts.tables import known_browser

KEY = ADA.lower()
OTHER = "o" * 16


@pytest.mark.parametrize("browser", [ShownBrowser(NAME, "s" * 43, "g" * 43), ShownBrowser(NAME, given="g" * 43)])
def test_browser_is_read_as_it_was_written(browser: ShownBrowser) -> None:
    assert ShownBrowser.decode(browser.encode()) == browser


def test_empty_text_is_no_browser() -> None:
    assert ShownBrowser.decode("") is None


async def test_browser_is_new_once_although_it_shows_another_secret_each_time(
    engine: AsyncEngine, browsers: Browsers, ada: Account
) -> None:
    cookie = Cookie()
    assert [await keep(engine, ada, cookie.sign_in()) for _ in range(4)] == [True, False, False, False]
    assert await browsers.known(KEY, cookie.shown) == NAME
    assert await browsers.knows(ada.id, cookie.shown)
    assert len(await browsers.of(ada.id)) == 1


async def test_copy_of_the_cookie_is_not_known_any_more_once_its_owner_has_signed_in_twice(
    engine: AsyncEngine, browsers: Browsers, ada: Account
) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    copied = cookie.copy()
    await keep(engine, ada, cookie.sign_in())
    assert await browsers.known(KEY, copied.shown)
    await keep(engine, ada, cookie.sign_in())
    assert await browsers.known(KEY, copied.shown) == ""
    assert not await browsers.knows(ada.id, copied.shown)
    assert await keep(engine, ada, copied.sign_in())


async def test_copy_that_signs_in_as_well_is_new_after_its_owner_has_been_there_again(
    engine: AsyncEngine, ada: Account
) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    copied = cookie.copy()
    told = [await keep(engine, ada, each.sign_in()) for each in (copied, cookie, cookie, copied)]
    assert told == [False, False, False, True]


async def test_answers_that_are_lost_make_no_browser_new(engine: AsyncEngine, ada: Account) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    told = [await keep(engine, ada, cookie.sign_in(lost=lost)) for lost in (True, True, False, True, False)]
    assert told == [False] * 5


async def test_browser_is_known_for_400_days(engine: AsyncEngine, browsers: Browsers, ada: Account) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    for age, known in ((KNOWN_FOR - timedelta(minutes=1), True), (KNOWN_FOR, False)):
        async with engine.begin() as db:
            await db.execute(update(known_browser).values(used=datetime.now(UTC) - age))
        assert await browsers.knows(ada.id, cookie.shown) is known
        assert bool(await browsers.known(KEY, cookie.shown)) is known
    assert await keep(engine, ada, cookie.sign_in())
    assert await browsers.knows(ada.id, cookie.shown)


async def test_sign_in_that_is_noted_twice_is_as_one_that_is_noted_once(
    engine: AsyncEngine, browsers: Browsers, ada: Account
) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    noted, at = cookie.sign_in(), datetime.now(UTC)
    assert [await keep(engine, ada, noted, at) for _ in range(2)] == [False, False]
    assert await browsers.knows(ada.id, cookie.shown)


async def test_sign_in_that_is_noted_late_does_not_undo_a_later_one(
    engine: AsyncEngine, browsers: Browsers, ada: Account
) -> None:
    cookie = Cookie()
    late, at = cookie.sign_in(), datetime.now(UTC)
    await keep(engine, ada, cookie.sign_in())
    await keep(engine, ada, late, at)
    assert await browsers.knows(ada.id, cookie.shown)


async def test_known_browser_says_when_it_was_first_and_last_signed_in_with(
    engine: AsyncEngine, browsers: Browsers, ada: Account
) -> None:
    cookie, begun = Cookie(), datetime.now(UTC)
    await keep(engine, ada, cookie.sign_in())
    between = datetime.now(UTC)
    await keep(engine, ada, cookie.sign_in())
    (known,) = await browsers.of(ada.id)
    assert begun <= known.created <= between <= known.used


@pytest.mark.parametrize("way", ["change", "reset", "restore"])
async def test_new_password_leaves_no_browser_known_but_that_on_which_it_was_chosen(
    *, way: str, engine: AsyncEngine, browsers: Browsers, world: World, ada: Account, bob: Account
) -> None:
    thief, owner = Cookie(), Cookie(name=OTHER)
    for account in (ada, bob):
        await keep(engine, account, thief.sign_in())
    if way == "change":
        await change(world, ada, browser=owner.sign_in())
    elif way == "reset":
        await ask(world)
        await reset(world, await world.token(ada, "reset-password"), browser=owner.sign_in())
    else:
        await moved(world, ada)
        await world.addresses.restore(await world.token(ada, "email-changed"))
    assert not await browsers.knows(ada.id, thief.shown)
    assert await browsers.knows(ada.id, owner.shown) is (way != "restore")
    assert await browsers.knows(bob.id, thief.shown)


async def test_sign_in_of_before_the_new_password_makes_no_browser_known_however_late_it_is_noted(
    engine: AsyncEngine, browsers: Browsers, world: World, ada: Account
) -> None:
    before, cookie = datetime.now(UTC), Cookie()
    await change(world, ada)
    assert await keep(engine, ada, cookie.sign_in(), before)
    assert not await browsers.knows(ada.id, cookie.shown)
    assert await keep(engine, ada, cookie.sign_in(), datetime.now(UTC) + timedelta(seconds=1))
    assert await browsers.knows(ada.id, cookie.shown)
