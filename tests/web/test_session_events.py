"""The stream of a page: what it is told of its session, and that looking is no activity."""

from collections.abc import Callable

from log_lines import captured
from open_streams import OpenStream
from pages import PASSWORD, SESSION_COOKIE, Browser, Site, token_in
from session_holders import GRACE, PERIOD
from stores import Stores

LIST = "/settings/sessions"
Opens = Callable[..., OpenStream]


async def end_others(browser: Browser) -> None:
    """Sign all other devices out, from the device page."""
    await browser.get(LIST)
    response = await browser.post(f"{LIST}/end-others")
    assert response.status_code == 303, response.text


async def test_living_session_is_told_with_the_token_of_its_forms(ada: Browser, opens: Opens) -> None:
    here = await opens(ada).comes("session-here")
    token = token_in((await ada.get("/dashboard")).text)
    data = (await ada.json("GET", "/dashboard")).json()
    assert here.facts == {
        "account": data["account"]["id"],
        "session": data["session"]["id"],
        "csrf": token,
        "shared": "",
    }
    assert 1000 <= int(here.retry) <= 5000


async def test_device_that_is_ended_is_told_and_the_others_are_not(ada: Browser, phone: Browser, opens: Opens) -> None:
    theirs, own = opens(phone), opens(ada)
    await theirs.comes("session-here")
    await own.comes("session-here")
    await end_others(ada)
    assert (await theirs.ends())[-1].name == "session-close"
    assert theirs.told[-1].data == "ended"
    assert own.names == ["session-here"]
    assert not own.has_ended


async def test_somebody_elses_stream_hears_nothing(ada: Browser, phone: Browser, eve: Browser, opens: Opens) -> None:
    eves, theirs = opens(eve, "?list="), opens(phone)
    await eves.comes("")
    await theirs.comes("session-here")
    await end_others(ada)
    await theirs.ends()
    assert eves.names == ["session-here", ""]


async def test_own_sign_out_reaches_the_other_tabs(ada: Browser, opens: Opens) -> None:
    tab = opens(ada)
    await tab.comes("session-here")
    await ada.get("/dashboard")
    await ada.post("/logout")
    assert (await tab.ends())[-1].data == "ended"


async def test_session_that_was_ended_before_is_told_when_the_page_comes_back(
    ada: Browser, phone: Browser, opens: Opens
) -> None:
    await end_others(ada)
    told = await opens(phone).ends()
    assert [(event.name, event.data) for event in told] == [("session-close", "ended")]


async def test_session_that_is_gone_by_itself_may_be_signed_in_again(
    ada: Browser, opens: Opens, stores: Stores
) -> None:
    stores.age(25 * 3600)
    told = await opens(ada).ends()
    assert [(event.name, event.data) for event in told] == [("session-close", "expired")]


async def test_new_sign_in_of_the_same_browser_lets_the_tab_come_back(ada: Browser, opens: Opens) -> None:
    tab = opens(ada)
    before = await tab.comes("session-here")
    await ada.log_in()
    assert [event.name for event in await tab.ends()] == ["session-here"]
    now = await opens(ada).comes("session-here")
    assert now.facts["account"] == before.facts["account"]
    assert now.facts["session"] != before.facts["session"]
    assert now.facts["csrf"] != before.facts["csrf"]


async def test_changed_password_closes_the_others_and_lets_its_own_tab_come_back(
    ada: Browser, phone: Browser, opens: Opens
) -> None:
    theirs, own = opens(phone), opens(ada)
    await theirs.comes("session-here")
    await own.comes("session-here")
    await ada.get("/settings/password")
    response = await ada.post("/settings/password", {"current": PASSWORD, "new": "eight copper kettles"})
    assert response.status_code == 303, response.text
    assert (await theirs.ends())[-1].data == "ended"
    assert [event.name for event in await own.ends()] == ["session-here"]
    assert (await opens(ada).comes("session-here")).name


async def test_stream_is_no_activity(ada: Browser, opens: Opens, stores: Stores) -> None:
    before = (await ada.json("GET", LIST)).json()["sessions"][0]
    stores.age(600)
    for _ in range(3):
        stream = opens(ada, "?list=")
        await stream.comes("")
        await stream.leave()
    stores.age(-600)
    assert (await ada.json("GET", LIST)).json()["sessions"][0]["seen"] == before["seen"]


async def test_stream_renews_no_secret(ada: Browser, opens: Opens, stores: Stores) -> None:
    cookie = ada.session_cookie
    stores.age(PERIOD + 1)
    stream = opens(ada)
    await stream.comes("session-here")
    assert "set-cookie" not in stream.headers
    assert ada.session_cookie == cookie


async def test_reused_secret_is_two_holders_here_too(ada: Browser, opens: Opens, stores: Stores) -> None:
    old = ada.session_cookie
    for pause in (PERIOD + 1, 1, GRACE + 1):
        stores.age(pause)
        await ada.get("/dashboard")
    new = ada.client.cookies.get(SESSION_COOKIE)
    assert new != old
    ada.carry(old)
    told = await opens(ada).ends()
    assert [(event.name, event.data) for event in told] == [("session-close", "ended")]
    ada.carry(new or "")
    assert (await ada.get("/dashboard")).status_code == 303


async def test_redis_that_is_away_is_told_nothing_of(ada: Browser, opens: Opens, stores: Stores) -> None:
    with stores.away():
        stream = opens(ada)
        await stream.begins()
        assert stream.status == 200
        assert not stream.has_ended
    assert stream.names in ([], ["session-here"])


async def test_stream_of_a_shared_computer_says_so_after_a_sign_in_there(ada: Browser, opens: Opens) -> None:
    """A page of before must not offer itself to whoever comes next."""
    assert not (await opens(ada).comes("session-here")).facts["shared"]
    await ada.log_in(shared="y")
    assert (await opens(ada).comes("session-here")).facts["shared"] == "y"


async def test_line_of_a_stream_names_its_account_where_somebody_is_signed_in(
    ada: Browser, phone: Browser, opens: Opens
) -> None:
    await end_others(ada)
    stream = opens(ada)
    with captured() as log:
        here = await stream.comes("session-here")
        await stream.leave()
        await opens(phone).ends()
    lived, ended = (entry for entry in log.entries if entry["path"] == "/session/events")
    assert lived["account"] == here.facts["account"]
    assert "account" not in ended


async def test_full_server_answers_the_stream_alone_with_503(ada: Browser, opens: Opens, site: Site) -> None:
    hub = (await site.services()).streams
    hub._most = 0
    stream = opens(ada)
    await stream.ends()
    assert stream.status == 503
    assert stream.headers["retry-after"] == "60"
    assert stream.headers["content-type"].startswith("text/plain")
    assert (await ada.get("/dashboard")).status_code == 200


async def test_page_that_is_left_is_forgotten(ada: Browser, opens: Opens, site: Site) -> None:
    hub = (await site.services()).streams
    stream = opens(ada)
    await stream.comes("session-here")
    assert len(hub) == 1
    await stream.leave()
    assert len(hub) == 0
