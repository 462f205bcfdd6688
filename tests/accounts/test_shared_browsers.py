"""A browser that several people share: its cookie is replaced for all of them, and nobody is taken for new."""

import asyncio

import pytest
from account_life import ask, change, reset
from account_world import ADA, World, open_world
from browser_cookies import NAME, Cookie, keep
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import Browsers
from webapp.accounts.model import Account
from webapp.accounts.tables import known_browser
from webapp.database import open_engine

KEY = ADA.lower()


async def test_others_who_share_the_browser_make_it_no_new_one(
    engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    assert await keep(engine, ada, cookie.sign_in())
    before = await browsers.of(ada.id)
    told = [await keep(engine, bob, cookie.sign_in()) for _ in range(20)]
    assert told == [True] + [False] * 19
    # It was not Ada who signed in.
    assert await browsers.of(ada.id) == before
    assert not await keep(engine, ada, cookie.sign_in())


@pytest.mark.parametrize("way", ["change", "reset"])
async def test_new_password_of_one_who_shares_the_browser_makes_it_no_new_one_for_the_others(
    *, way: str, engine: AsyncEngine, browsers: Browsers, world: World, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    for account in (ada, bob):
        await keep(engine, account, cookie.sign_in())
    if way == "change":
        await change(world, ada, browser=cookie.sign_in())
    else:
        await ask(world)
        await reset(world, await world.token(ada, "reset-password"), browser=cookie.sign_in())
    assert [await browsers.knows(each.id, cookie.shown) for each in (ada, bob)] == [True, True]


@pytest.mark.parametrize("secret", ["", "f" * 43])
async def test_forged_secret_is_a_new_browser_and_touches_nobody(
    secret: str, engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    for account in (ada, bob):
        await keep(engine, account, cookie.sign_in())
    forged = Cookie(secret)
    assert not await browsers.known(KEY, forged.shown)
    assert await keep(engine, bob, forged.sign_in())
    assert [await browsers.knows(each.id, cookie.shown) for each in (ada, bob)] == [True, True]
    assert [await browsers.knows(each.id, forged.shown) for each in (ada, bob)] == [False, False]


async def test_several_who_sign_in_on_one_browser_at_the_same_moment_do_not_wait_for_each_other_for_ever(
    engine: AsyncEngine, browsers: Browsers, world: World, ada: Account, bob: Account
) -> None:
    everybody, cookie = [ada, bob, await world.register("cy@example.com")], Cookie()
    for account in everybody:
        await keep(engine, account, cookie.sign_in())
    for _ in range(5):
        at_once = [cookie.sign_in(lost=True) for _ in everybody]
        pairs = zip(everybody, at_once, strict=True)
        assert await asyncio.gather(*(keep(engine, *pair) for pair in pairs)) == [False] * 3
    # None of the answers arrived.
    assert [await browsers.knows(each.id, cookie.shown) for each in everybody] == [True] * 3


async def test_row_that_somebody_else_holds_on_postgresql_is_passed_over(
    postgresql_url: str,
) -> None:
    engine = open_engine(postgresql_url)
    browsers, world, cookie = Browsers(engine), open_world(engine), Cookie()
    ada, bob = await world.register(), await world.register("bob@example.com")
    for account in (ada, bob):
        await keep(engine, account, cookie.sign_in())
    before = cookie.shown
    async with engine.begin() as db:
        await db.execute(update(known_browser).where(known_browser.c.account_id == ada.id).values(name=NAME))
        # Waiting for the row would end with an error of PostgreSQL, after LOCK_TIMEOUT.
        assert not await keep(engine, bob, cookie.sign_in())
    assert await browsers.knows(bob.id, cookie.shown)
    assert await browsers.knows(ada.id, before)
    await engine.dispose()
