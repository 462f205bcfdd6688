"""Nobody is signed out by a deploy: each version takes the other's cookie, and shows what it does not know as it is."""

import re

import pytest
from compatibility.version_1 import cookies
from conftest import SECRET
from pages import SESSION_COOKIE, Site
from session_fields import ACCOUNT
from stores import Stores

TOKEN = r"[\w-]{22}\.[\w-]{22}\.[\w-]{43}"


async def test_cookie_of_today_is_read_by_version_1(site: Site):
    browser = site.browser()
    await browser.register()
    assert cookies.NAME == SESSION_COOKIE
    assert re.fullmatch(TOKEN, cookies.read(SECRET, browser.session_cookie))


async def test_cookie_that_version_1_signed_is_taken_today(site: Site):
    browser, same_person = site.browser(), site.browser()
    await browser.register()
    token = cookies.read(SECRET, browser.session_cookie)
    same_person.carry(cookies.sign(SECRET, token))
    assert (await same_person.get("/dashboard")).status_code == 200
    same_person.carry(cookies.sign(SECRET[::-1], token))
    assert (await same_person.get("/dashboard")).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [("method", "passkey", "passkey"), ("device", "watch:Pebble on Wrist", "Pebble on Wrist")],
)
async def test_values_of_a_version_to_come_are_shown_in_its_words(
    site: Site, stores: Stores, field: str, value: str, shown: str
):
    browser = site.browser()
    await browser.register()
    for session_id in stores.sessions():
        stores.write(session_id, **{field: value})
    page = await browser.get("/settings/sessions")
    listed = await browser.json("GET", "/settings/sessions")
    assert (page.status_code, listed.status_code) == (200, 200)
    assert shown in page.text
    assert shown in listed.text


async def test_role_of_a_version_to_come_opens_nothing_and_breaks_nothing(site: Site, stores: Stores):
    browser = site.browser()
    await browser.register()
    (key,) = stores.keys()
    stores.redis.hset(key, ACCOUNT["role"], "auditor")
    for path in ("/dashboard", "/settings/sessions"):
        assert (await browser.get(path)).status_code == 200
