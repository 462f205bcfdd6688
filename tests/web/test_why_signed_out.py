"""A browser whose session was ended is told at its next page why, when and from which device.

Once, and only that browser.
"""

import re

import pytest
from pages import FACES, IPHONE, SESSION_COOKIE, Browser, Face, Site, cookies_set
from stores import Stores
from told import FROM_FIREFOX, START, end, identity, said, token_of, told, write_end

from webapp.sessions.model import Reason
from webapp.sessions.token import Token

pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed", "unhurried")


async def test_browser_that_was_signed_out_from_another_is_told_why_when_and_from_which_device(
    ada: Browser, phone: Browser, site: Site
):
    ended = token_of(site, phone).session_id
    await ada.get("/settings/sessions")
    assert (await ada.post(f"/settings/sessions/{ended}/end")).status_code == 303
    assert re.fullmatch(FROM_FIREFOX, await told(phone))


@pytest.mark.parametrize("act", ["/settings/sessions/{}/end", "/settings/sessions/end-others", "/logout-all"])
async def test_name_that_the_owner_gave_the_other_device_is_not_told(
    act: str, ada: Browser, phone: Browser, site: Site
):
    """Whoever is put out may be a thief, and the name say where somebody lives."""
    here, ended = (token_of(site, browser).session_id for browser in (ada, phone))
    await ada.json("POST", f"/settings/sessions/{here}/name", {"name": "Laptop at 12 Elm Street"})

    assert (await ada.json("POST", act.format(ended), {})).status_code == 200

    assert re.fullmatch(FROM_FIREFOX, await told(phone))


@pytest.mark.parametrize("face", FACES)
async def test_every_kind_of_caller_is_told(face: Face, phone: Browser, site: Site):
    await end(site, phone)
    answer = await phone.look(face, "/dashboard")
    if face == "json":
        assert re.fullmatch(FROM_FIREFOX, answer.json()["detail"])
        return
    assert answer.status_code == (401 if face == "htmx" else 303)
    assert re.fullmatch(FROM_FIREFOX, said((await phone.get("/login")).text))


@pytest.mark.parametrize("face", FACES)
async def test_it_is_told_once(face: Face, phone: Browser, site: Site):
    await end(site, phone)
    await phone.look(face, "/dashboard")
    if face != "json":
        assert said((await phone.get("/login")).text)
    assert not await told(phone)
    assert not said((await phone.get("/")).text)
    again = await phone.json("GET", "/dashboard")
    assert again.json()["detail"] == "Sign in first; the session may have ended."


async def test_press_of_a_button_is_answered_with_it_too(phone: Browser, site: Site):
    await phone.get("/settings/sessions")
    await end(site, phone)
    assert (await phone.post("/settings/sessions/end-others")).status_code == 303
    assert re.fullmatch(FROM_FIREFOX, said((await phone.get("/login")).text))


@pytest.mark.parametrize("path", ["/", "/login", "/register"])
async def test_page_for_guests_tells_it_as_well_and_once(path: str, phone: Browser, site: Site):
    await end(site, phone)
    assert re.fullmatch(FROM_FIREFOX, said((await phone.get(path)).text))
    assert not said((await phone.get(path)).text)
    assert not await told(phone)


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_page_for_guests_costs_one_more_call_once_and_none_for_others(phone: Browser, site: Site, stores: Stores):
    await end(site, phone)
    counts = []
    for _ in range(2):
        with stores.watched() as commands:
            await phone.get("/")
        counts.append(len(commands))
    assert counts == [2, 1]
    with stores.watched() as commands:
        await site.browser().get("/")
    assert not commands


async def test_request_that_shows_nobody_a_page_does_not_use_it_up(phone: Browser, site: Site):
    await end(site, phone)
    await phone.client.head("/")
    await phone.htmx("/login")
    await phone.look("htmx", "/")
    await phone.look("json", "/")
    assert said((await phone.get("/")).text)


async def test_only_that_browser_is_told(ada: Browser, phone: Browser, eve: Browser, site: Site):
    await end(site, phone)
    for other in (ada, eve):
        assert START not in (await other.get("/dashboard")).text
    stranger = site.browser(user_agent=IPHONE)
    assert not await told(stranger)
    assert not said((await stranger.get("/")).text)
    assert await told(phone)


async def test_cookie_that_is_bent_or_has_another_secret_or_another_session_is_told_nothing(
    ada: Browser, phone: Browser, eve: Browser, site: Site
):
    mine, hers, others = (token_of(site, each) for each in (phone, eve, ada))
    await end(site, phone)
    await write_end(site, mine, "elsewhere", by="Firefox on Linux")
    cookie = phone.session_cookie
    wrong = [
        str(mine.renewed()),
        str(Token(mine.account_id, mine.session_id, others.secret)),
        str(Token(hers.account_id, mine.session_id, mine.secret)),
        str(Token(mine.account_id, others.session_id, mine.secret)),
        f"{mine}x",
        "",
    ]
    signed = [identity(site).dump_token(each, app=site.app) for each in wrong]
    for bent in (*signed, cookie[:-1], cookie[1:], "x"):
        thief = site.browser()
        thief.carry(bent)
        answer = await thief.json("GET", "/dashboard")
        assert "Firefox" not in answer.text
        assert not re.search(r"\d{4}", answer.json()["detail"])
        assert not said((await thief.get("/")).text)
    assert await told(phone)


async def test_other_secret_of_a_session_that_lives_is_told_nothing(phone: Browser, site: Site):
    stale = site.browser()
    stale.carry(identity(site).dump_token(str(token_of(site, phone).renewed()), app=site.app))
    assert not await told(stale)


async def test_end_of_the_next_session_is_told_again(ada: Browser, phone: Browser, site: Site):
    for name in ("Kitchen", "Attic"):
        await end(site, phone, by=name)
        assert (await told(phone)).endswith(f"from {name}.")
        await phone.log_in(ada.email)


@pytest.mark.parametrize("first", ["owner", "thief"])
async def test_owner_of_a_sign_in_that_was_used_in_two_places_is_told(
    first: str, phone: Browser, site: Site, stores: Stores
):
    """Whoever of the two is given the new secret, and has shown it when the other comes with the old one."""
    thief = site.browser("203.0.113.99", IPHONE)
    thief.carry(phone.session_cookie)
    ahead, behind = (phone, thief) if first == "owner" else (thief, phone)
    for _ in range(3):
        stores.age(700, "seen", "renewed")
        assert (await ahead.get("/dashboard")).status_code == 200
        assert (await ahead.get("/dashboard")).status_code == 200
    # The old one is good for requests that were under way, and then forgotten.
    for session_id in stores.sessions():
        if "until" in stores.record(session_id):
            stores.write(session_id, until="1")
    stores.age(70, "seen")
    assert (await ahead.get("/dashboard")).status_code == 200
    assert (await behind.get("/dashboard")).status_code == 303
    assert (await ahead.get("/dashboard")).status_code == 303
    assert "used in two places" in await told(phone)


@pytest.mark.parametrize(("reason", "kind"), [("two-places", "error"), ("not-me", "error"), ("operator", "info")])
async def test_what_alarms_looks_alarming(reason: Reason, kind: str, phone: Browser, site: Site):
    await end(site, phone, reason)
    # Every page has an error's notice at its end, for when no answer comes.
    notices = (await phone.get("/")).text.partition('id="notices"')[2].partition(START)[0]
    assert re.findall(r"notice-(error|info)", notices) == [kind]


async def test_name_of_a_device_is_text_and_no_markup(phone: Browser, site: Site):
    await end(site, phone, by="<b>{by}</b>")
    assert (await told(phone)).endswith("from &lt;b&gt;{by}&lt;/b&gt;.")


async def test_session_cookie_is_left_alone(phone: Browser, site: Site):
    """A late answer could take away the newer one of a sign-in that came in between."""
    await end(site, phone)
    for path in ("/dashboard", "/login", "/"):
        assert SESSION_COOKIE not in cookies_set(await phone.get(path))
