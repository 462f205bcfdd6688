"""What a browser is told of its session where no act has ended it, and what it is not told.

Own acts are not told, and while Redis or SQL does not answer nothing is.
"""

import asyncio
import re

import pytest
from pages import PASSWORD, VISITOR_COOKIE, Browser, Site, cookies_set
from stores import Stores
from told import FROM_FIREFOX, START, end, said, token_of, told, write_end

from webapp import deadline
from webapp.deadline import BRIEFLY
from webapp.errors import StoreUnavailable
from webapp.history import History
from webapp.sessions.token import Token
from webapp.web.endings import NOBODY_KNOWS

pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed", "unhurried")

DAY = 86400


async def test_own_sign_out_is_not_told(phone: Browser):
    cookie = phone.session_cookie
    await phone.get("/settings/sessions")
    await phone.post("/logout")
    phone.carry(cookie)
    answer = await phone.get("/dashboard")
    assert VISITOR_COOKIE not in cookies_set(answer)
    assert not said((await phone.get("/login")).text)


async def test_session_that_a_new_sign_in_of_the_same_browser_replaced_is_not_told(
    ada: Browser, phone: Browser, site: Site
):
    cookie = phone.session_cookie
    await end_by_signing_in_again(phone, ada.email)
    assert phone.session_cookie != cookie
    late = site.browser()
    late.carry(cookie)
    assert not await told(late)


async def end_by_signing_in_again(browser: Browser, email: str) -> None:
    await browser.get("/settings/sessions")
    answer = await browser.post("/login", {"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("reason", ["signed-out", "replaced", "elsewhere", "two-places"])
async def test_what_only_the_history_knows_of_an_act_is_not_told(
    reason: str, phone: Browser, site: Site, stores: Stores
):
    """The watch takes the tombstone of an own sign-out away; and of the others it tells only with the right secret."""
    await write_end(site, token_of(site, phone), reason, by="Firefox on Linux")
    stores.age(40 * DAY, "seen")
    assert not await told(phone)


async def test_end_after_a_time_without_use_is_told_with_its_moment(phone: Browser, site: Site, stores: Stores):
    await write_end(site, token_of(site, phone), "idle", after=str(30 * DAY))
    stores.age(40 * DAY, "seen")
    sentence = "on 20 November 2026, 14:02 UTC: this sign-in was not used for 30 days."
    assert await told(phone) == f"{START} {sentence}"


async def test_end_by_age_is_told_on_the_start_page(phone: Browser, site: Site, stores: Stores):
    await write_end(site, token_of(site, phone), "age", after=str(90 * DAY))
    stores.age(100 * DAY)
    sentence = "on 20 November 2026, 14:02 UTC: no sign-in here lasts longer than 90 days."
    assert said((await phone.get("/")).text) == f"{START} {sentence}"


async def test_end_that_nobody_has_written_down_is_told_without_a_moment(phone: Browser, stores: Stores):
    stores.age(40 * DAY, "seen")
    assert not said((await phone.get("/")).text)
    assert await told(phone) == NOBODY_KNOWS
    assert not await told(phone)


async def test_end_of_somebody_elses_session_under_the_same_id_is_not_told(
    phone: Browser, eve: Browser, site: Site, stores: Stores
):
    mine, hers = token_of(site, phone), token_of(site, eve)
    await write_end(site, Token(hers.account_id, mine.session_id, hers.secret), "idle")
    stores.age(40 * DAY, "seen")
    assert await told(phone) == NOBODY_KNOWS


async def test_nothing_is_told_and_nothing_fails_while_redis_is_away_and_then_it_is(
    phone: Browser, site: Site, stores: Stores
):
    await end(site, phone)
    with stores.away():
        assert (await phone.get("/dashboard")).status_code == 503
        page = await phone.get("/")
        assert page.status_code == 200
        assert not said(page.text)
    assert re.fullmatch(FROM_FIREFOX, await told(phone))


async def test_nothing_is_told_and_nothing_fails_when_redis_goes_away_in_between(
    phone: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    await end(site, phone)
    with monkeypatch.context() as away:
        away.setattr(type((await site.services()).sessions), "peek", gone)
        assert not await told(phone)
        assert not said((await phone.get("/")).text)
    assert re.fullmatch(FROM_FIREFOX, await told(phone))


async def test_redis_that_did_not_answer_is_not_asked_again(
    phone: Browser, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    asked: list[object] = []

    async def noted(*arguments: object) -> None:
        asked.append(arguments)

    monkeypatch.setattr(type((await site.services()).sessions), "peek", noted)
    with stores.away():
        assert (await phone.get("/")).status_code == 200
    assert not asked


async def test_nothing_is_told_and_nothing_fails_while_sql_is_away_and_then_it_is(
    phone: Browser, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    await write_end(site, token_of(site, phone), "idle")
    stores.age(40 * DAY, "seen")
    with monkeypatch.context() as away:
        away.setattr(History, "find", gone)
        assert not await told(phone)
        assert not said((await phone.get("/")).text)
    assert await told(phone)


@pytest.mark.parametrize("step", ["peek", "find"])
async def test_nobody_waits_to_be_told_by_a_store_that_hangs(
    step: str, phone: Browser, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    await write_end(site, token_of(site, phone), "idle")
    stores.age(40 * DAY, "seen")
    services = await site.services()
    with monkeypatch.context() as hanging:
        hanging.setattr(deadline, "BRIEFLY", BRIEFLY)
        hanging.setattr(type(services.sessions if step == "peek" else services.history), step, hang)
        async with asyncio.timeout(20):
            assert not await told(phone)
            assert not said((await phone.get("/")).text)
    assert await told(phone)


async def hang(*_: object) -> None:
    await asyncio.Event().wait()


async def gone(*_: object) -> None:
    raise StoreUnavailable("a store")
