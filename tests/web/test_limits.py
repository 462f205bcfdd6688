"""What somebody gets who has to wait, and who never has to."""

import asyncio

import pytest
from knowing import is_known_at_last
from mailed_links import mailed_token
from pages import FACES, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores

from webapp.accounts.client import Client
from webapp.errors import StoreUnavailable
from webapp.redis_connection import open_redis
from webapp.setting_values import Rate
from webapp.throttle.attempts import FAILURES, SignInAttempts
from webapp.throttle.limits import LIMITS, RouteLimits
from webapp.web.context import settings_of
from webapp.web.countdown import counting_down

WRONG = "wrong lanterns"
UNKNOWN = "nobody@example.test"
GUESSER = "203.0.113.66"
TYPED = {"email": "new@example.test", "name": "New Person", "password": PASSWORD}


async def hang(*_: object) -> None:
    await asyncio.Event().wait()


async def guess(site: Site, email: str, networks: int) -> None:
    """Have somebody guess from so many networks."""
    async with open_redis(settings_of(site.app)) as redis:
        attempts = SignInAttempts(redis, Rate(5, 900))
        for number in range(networks):
            await attempts.take(email, f"198.51.{number // 250}.{number % 250}")


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("face", FACES)
async def test_form_comes_back_with_what_was_typed_and_the_wait(
    face: Face, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.browser()
    await browser.register()
    monkeypatch.setitem(LIMITS, "register", Rate(1, 600))
    visitor = site.browser()
    await visitor.get("/register")
    response = await visitor.send(face, "/register", TYPED)
    assert response.status_code == 429
    assert PASSWORD not in response.text
    if face == "json":
        assert is_problem(response, 429)
        assert response.json()["detail"] == "Too many tries. You can try again in 10 minutes."
        return
    assert is_page(response) if face == "page" else is_fragment(response, "register")
    values = {tag.get("name"): tag.get("value") for tag in tags(response.text, "input")}
    assert (values["email"], values["name"]) == (TYPED["email"], TYPED["name"])
    (timer,) = [tag for tag in tags(response.text, "span") if "data-countdown" in tag]
    assert timer["role"] == "timer"
    assert timer["data-countdown"] == response.headers["Retry-After"]


@pytest.mark.parametrize("face", FACES)
async def test_hundred_wrong_passwords_are_told_the_same_with_and_without_an_account(
    face: Face, ada: Browser, site: Site
) -> None:
    said = []
    for email in (ada.email, UNKNOWN):
        await guess(site, email, FAILURES)
        stranger = site.browser(GUESSER)
        await stranger.get("/login")
        response = await stranger.send(face, "/login", {"email": email, "password": PASSWORD})
        assert response.status_code == 429
        assert 29 * 86400 < int(response.headers["Retry-After"]) <= 30 * 86400
        text = response.json()["detail"] if face == "json" else response.text
        assert "in 30 days" in text
        assert face == "json" or any(tag["href"] == "/forgot" for tag in tags(text, "a"))
        said.append(text[text.index("There were too many") :].partition("</p>")[0].partition("data-countdown")[0])
    assert said[0] == said[1]


@pytest.mark.usefixtures("unhurried")
async def test_known_browser_signs_in_whatever_others_guess(ada: Browser, site: Site) -> None:
    await ada.post("/logout")
    assert (await ada.log_in()).status_code == 303
    # The server notes a sign-in in its own time, and until then this browser is a new one like the guesser's.
    await is_known_at_last(site, ada, ada)
    await ada.post("/logout")
    await guess(site, ada.email, FAILURES)
    assert (await site.browser(GUESSER).log_in(ada.email)).status_code == 429
    # On the network that guesses, too.
    assert (await ada.log_in()).status_code == 303
    assert (await site.browser(GUESSER).log_in(ada.email)).status_code == 303


@pytest.mark.usefixtures("unhurried")
async def test_new_password_by_mail_lets_new_browsers_in(ada: Browser, site: Site) -> None:
    await guess(site, ada.email, FAILURES)
    services = await site.services()
    token = await mailed_token(site, ada.email, "reset")
    await services.passwords.reset(token, "eleven copper umbrellas", client=Client("198.51.100.7"))
    assert (await site.browser(GUESSER).log_in(ada.email, "eleven copper umbrellas")).status_code == 303


async def test_somebody_who_is_signed_in_confirms_whatever_others_guess(ada: Browser, site: Site) -> None:
    await guess(site, ada.email, FAILURES)
    await ada.get("/confirm")
    assert (await ada.post("/confirm", {"password": PASSWORD})).status_code == 303


async def test_redis_that_is_away_keeps_nobody_from_what_needs_no_redis(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("Redis")

    monkeypatch.setattr(RouteLimits, "take", away)
    browser = site.browser()
    assert (await browser.register()).status_code == 303


async def test_redis_that_hangs_keeps_nobody_waiting_for_a_count(
    site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in ("take", "give_back"):
        monkeypatch.setattr(RouteLimits, count, hang)
    async with asyncio.timeout(20):
        assert (await site.browser().register()).status_code == 303
    assert stores.counts() == []


def test_words_of_a_wait_count_down_and_the_rest_is_text() -> None:
    text = counting_down("<b> You can try again in 2 minutes.", 100)
    timer = '<span role="timer" data-countdown="100">in 2 minutes</span>'
    assert text == f"&lt;b&gt; You can try again {timer}."
    for wait in (0, 5000):
        assert counting_down("again in 2 minutes <b>", wait) == "again in 2 minutes &lt;b&gt;"
