"""Which browsers keep their name at a sign-in: those that show a secret that fits it."""

from datetime import UTC, datetime, timedelta

import pytest
from account_life import change
from account_world import World
from browser_cookies import NAME, Cookie, keep
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts import browsers as known_browsers
from webapp.accounts.browsers import KNOWN_FOR, Browsers
from webapp.accounts.changes import Change
from webapp.accounts.model import Account
from webapp.accounts.tables import account as accounts
from webapp.accounts.tables import known_browser


async def rewrite(engine: AsyncEngine, account: Account, **values: object) -> None:
    async with engine.begin() as db:
        await db.execute(update(known_browser).where(known_browser.c.account_id == account.id).values(values))


async def test_browser_that_shows_its_latest_secret_or_the_one_before_keeps_its_name(
    engine: AsyncEngine, browsers: Browsers, ada: Account
) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    assert await browsers.is_proven(ada.id, cookie.shown)
    # The answer with the new one is lost.
    await keep(engine, ada, cookie.sign_in(lost=True))
    assert await browsers.is_proven(ada.id, cookie.shown)


async def test_browser_keeps_its_name_when_somebody_else_signs_in_on_it(
    engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    assert await browsers.is_proven(bob.id, cookie.shown)
    await keep(engine, bob, cookie.sign_in())
    assert [await browsers.is_proven(each.id, cookie.shown) for each in (ada, bob)] == [True, True]


async def test_name_that_is_shown_with_a_forged_or_an_old_secret_is_not_kept(
    engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    await keep(engine, ada, cookie.sign_in())
    stale, forged, unknown = cookie.copy(), Cookie("f" * 43), Cookie(cookie.secret, "u" * 16)
    for _ in range(2):
        await keep(engine, ada, cookie.sign_in())
    for shown in (stale.shown, forged.shown, unknown.shown):
        assert [await browsers.is_proven(each.id, shown) for each in (ada, bob)] == [False, False]
    assert await browsers.is_proven(ada.id, cookie.shown)


@pytest.mark.parametrize("previous", [None, "p" * 43])
async def test_account_that_knows_the_name_with_another_secret_does_not_believe_what_fits_somebody_elses(
    previous: str | None, engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    for account in (ada, bob):
        await keep(engine, account, cookie.sign_in())
    await rewrite(engine, ada, secret="x" * 43, previous=previous)
    assert [await browsers.is_proven(each.id, cookie.shown) for each in (ada, bob)] == [False, True]
    # What is noted all the same leaves her browser known, and makes no other one known.
    assert await keep(engine, ada, cookie.sign_in())
    assert await browsers.knows(ada.id, Cookie("x" * 43).shown)
    assert [await browsers.knows(each.id, cookie.shown) for each in (ada, bob)] == [False, True]


async def test_what_an_account_knew_too_long_ago_keeps_no_browser_from_being_known(
    engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account
) -> None:
    cookie = Cookie()
    for account in (ada, bob):
        await keep(engine, account, cookie.sign_in())
    await rewrite(engine, ada, secret="x" * 43, used=datetime.now(UTC) - KNOWN_FOR)
    assert not await browsers.is_proven(ada.id, Cookie("x" * 43).shown)
    assert await browsers.is_proven(ada.id, cookie.shown)
    assert await keep(engine, ada, cookie.sign_in())
    assert await browsers.knows(ada.id, cookie.shown)


async def test_password_that_was_changed_without_a_word_of_browsers_leaves_none_known(
    engine: AsyncEngine, browsers: Browsers, world: World, ada: Account, bob: Account
) -> None:
    """Version 1 does that, while a deploy runs both."""
    cookie = Cookie()
    for account in (ada, bob):
        await keep(engine, account, cookie.sign_in())
    assert await browsers.known("ada@example.com", cookie.shown) == NAME
    await version_1_changes_the_password(engine, ada)
    assert await browsers.known("ada@example.com", cookie.shown) == ""
    assert [await browsers.knows(each.id, cookie.shown) for each in (ada, bob)] == [False, True]
    # It is new once.
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert [await keep(engine, ada, cookie.sign_in(), later) for _ in range(2)] == [True, False]
    await change(world, ada, browser=cookie.sign_in())
    assert await browsers.known("ada@example.com", cookie.shown) == NAME


async def test_browser_on_which_a_password_was_chosen_is_known_although_a_clock_was_put_back(
    browsers: Browsers, world: World, ada: Account
) -> None:
    cookie, ahead = Cookie(), datetime.now(UTC) + timedelta(minutes=1)
    chosen = Change({"password_changed": ahead}, forgets_browsers=True, knows=cookie.sign_in())
    await world.changes.apply(ada.id, chosen)
    assert await browsers.knows(ada.id, cookie.shown)


async def test_account_knows_its_newest_browsers_and_no_more_than_that(
    engine: AsyncEngine, browsers: Browsers, ada: Account, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_browsers, "KNOWN_AT_MOST", 3)
    cookies, begun = [Cookie(name=name * 16) for name in "vwxyz"], datetime.now(UTC)
    await keep(engine, bob, cookies[0].copy().sign_in(), begun)
    for number, cookie in enumerate(cookies[:3]):
        await keep(engine, ada, cookie.sign_in(), begun + timedelta(seconds=number))
    # The first is used again, and so the second goes.
    await keep(engine, ada, cookies[0].sign_in(), begun + timedelta(seconds=5))
    await keep(engine, ada, cookies[3].sign_in(), begun + timedelta(seconds=6))
    assert [await browsers.knows(ada.id, cookie.shown) for cookie in cookies[:4]] == [True, False, True, True]
    await keep(engine, ada, cookies[4].sign_in(), begun + timedelta(seconds=7))
    assert [await browsers.knows(ada.id, cookie.shown) for cookie in cookies] == [True, False, False, True, True]
    assert [len(await browsers.of(each.id)) for each in (ada, bob)] == [3, 1]


async def version_1_changes_the_password(engine: AsyncEngine, account: Account) -> None:
    async with engine.begin() as db:
        changed = {"password_changed": datetime.now(UTC)}
        await db.execute(update(accounts).where(accounts.c.id == account.id).values(changed))
