"""Somebody who has the password, and shows a browser's name with a secret that is not, or no longer, that browser's."""

from pathlib import Path

import pytest
from knowing import browser_cookie, guess, is_known_at_last, knows, show
from mail_folder import link_to
from mailed_links import mailed_token
from pages import PASSWORD, Browser, Site, cookies_set
from thefts import account_id_of, is_in

from webapp.accounts.browsers import Browsers
from webapp.errors import StoreUnavailable

NEW = "eleven copper umbrellas"
FORGED = "f" * 43


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


@pytest.fixture
async def known(ada: Browser, site: Site) -> Browser:
    """Return Ada's browser once it is known."""
    await is_known_at_last(site, ada, ada)
    return ada


async def again(site: Site, ada: Browser) -> None:
    """Sign Ada in once more on her browser."""
    await ada.get("/settings/sessions")
    await ada.post("/logout")
    assert (await ada.log_in()).status_code == 303
    await is_known_at_last(site, ada, ada)


@pytest.fixture(params=["forged", "stale"])
async def thief(request: pytest.FixtureRequest, known: Browser, site: Site) -> Browser:
    """Return a browser that shows the name of Ada's."""
    thief, (name, secret) = site.browser("192.0.2.66"), browser_cookie(known)
    for _ in range(2):
        await again(site, known)
    assert browser_cookie(known)[0] == name
    show(thief, name, secret if request.param == "stale" else FORGED)
    return thief


async def test_owner_is_asked_and_not_told_that_it_is_her_browser(known: Browser, thief: Browser, inbox: Path) -> None:
    assert (await thief.log_in(known.email)).status_code == 303
    assert browser_cookie(thief)[0] != browser_cookie(known)[0]
    link = await link_to(inbox, known.email, 2)
    assert link.startswith("/not-me/")
    page = (await known.get(link)).text
    assert "This is the browser that you are using now." not in page
    assert "and so are you, here" not in page
    assert "earlier sign-in" not in (await known.get("/settings/sessions")).text
    await known.post(link)
    assert [await is_in(each) for each in (known, thief)] == [True, False]


async def test_owner_is_known_as_before_and_let_in_after_a_hundred_failures(
    known: Browser, thief: Browser, site: Site, inbox: Path
) -> None:
    await thief.log_in(known.email)
    await link_to(inbox, known.email, 2)
    assert await knows(site, known, known)
    await guess(site, known.email)
    assert (await site.browser("192.0.2.67").log_in(known.email)).status_code == 429
    await again(site, known)


async def test_browser_whose_answer_was_lost_keeps_its_name_and_is_asked_about_no_second_time(
    known: Browser, site: Site
) -> None:
    name, secret = browser_cookie(known)
    for _ in range(2):
        await again(site, known)
        show(known, name, secret)
        assert await knows(site, known, known)
        known.client.cookies.delete("__Host-session")
    assert (await known.log_in()).status_code == 303
    assert browser_cookie(known)[0] == name
    services = await site.services()
    events = await services.history.of(await account_id_of(site, known))
    assert [event.token_hash for event in events if event.kind == "signed-in"] == [""] * len(
        [event for event in events if event.kind == "signed-in"]
    )


async def fail(*_: object) -> bool:
    raise StoreUnavailable("the database")


async def test_nobody_signs_in_or_gets_a_new_password_while_sql_does_not_say_whose_name_it_is(
    known: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, link = site.browser(), f"/reset/{await mailed_token(site, known.email)}"
    show(other, *browser_cookie(known))
    await known.get("/settings/password")
    await other.get(link)
    with monkeypatch.context() as outage:
        outage.setattr(Browsers, "is_proven", fail)
        changed = await known.post("/settings/password", {"current": PASSWORD, "new": NEW})
        answers = [changed, await other.post(link, {"new": NEW}), await other.log_in(known.email)]
    assert [(answer.status_code, dict(cookies_set(answer))) for answer in answers] == [(503, {})] * 3
    assert (await other.log_in(known.email)).status_code == 303


async def test_what_failed_asks_nothing_of_it(known: Browser, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    other, link = site.browser(), f"/reset/{await mailed_token(site, known.email)}"
    show(other, *browser_cookie(known))
    await known.get("/settings/password")
    await other.get(link)
    monkeypatch.setattr(Browsers, "is_proven", fail)
    answers = [
        await known.post("/settings/password", {"current": "wrong", "new": NEW}),
        await known.post("/settings/password", {"current": PASSWORD, "new": PASSWORD}),
        await other.post(link, {"new": PASSWORD}),
        await other.log_in(known.email, "wrong"),
        await other.log_in("nobody@example.test"),
    ]
    assert [answer.status_code for answer in answers] == [401, 422, 422, 401, 401]
