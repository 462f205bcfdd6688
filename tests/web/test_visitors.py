"""Somebody who is not signed in costs Redis nothing (promise 2)."""

import pytest
from pages import Browser, Site
from stores import REQUESTS, Stores

from webapp.throttle.attempts import STEP
from webapp.throttle.limits import LIMITS

PATHS = [
    "/",
    "/login",
    "/login?next=/settings/sessions",
    "/register",
    "/dashboard",
    "/settings/sessions",
    "/confirm",
    "/no-such-page",
    "/.well-known/change-password",
    "/healthz",
]


async def test_hits_without_a_cookie_write_nothing_and_ask_nothing(site: Site, stores: Stores):
    with stores.watched() as commands:
        for _ in range(20):
            for path in PATHS:
                assert (await site.browser().get(path)).status_code < 500
    assert commands == []
    assert stores.every_key() == set()
    assert stores.accounts() == []


async def test_visitor_with_a_cookie_of_his_own_costs_nothing_either(browser: Browser, stores: Stores):
    with stores.watched() as commands:
        for path in PATHS:
            await browser.get(path)
        await browser.post("/logout")
    assert commands == []
    assert stores.every_key() == set()


async def test_form_of_a_visitor_is_counted_and_nothing_else(browser: Browser, stores: Stores):
    await browser.get("/register")
    with stores.watched() as commands:
        await browser.post("/register", {"email": "", "name": "", "password": ""})
    # The script itself is sent once, by whoever uses it first.
    assert [name for name in commands if name != "EVAL"] == ["EVALSHA"]
    (key,) = stores.every_key()
    assert key.startswith(REQUESTS)
    assert 0 < stores.redis.ttl(key) <= LIMITS["register"].seconds


@pytest.mark.parametrize("path", ["/", "/dashboard", "/no-such-page", "/static/none.css", "/healthz"])
async def test_page_without_a_form_sets_no_cookie(path: str, browser: Browser):
    assert "Set-Cookie" not in (await browser.get(path)).headers


async def test_wrong_password_leaves_only_the_count_behind_and_that_ends(browser: Browser, stores: Stores):
    await browser.log_in("nobody@example.test", "wrong lanterns")
    keys = stores.counts()
    assert len(keys) == len(stores.every_key()) > 0
    for key in keys:
        # The row of failures is no window: one failure is forgotten a day later.
        assert 0 < stores.redis.ttl(key) <= (STEP if ":failures:" in key else 900)
    assert "nobody" not in "".join(keys)
