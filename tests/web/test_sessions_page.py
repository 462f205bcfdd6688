"""The device list, and ending sessions from it."""

import pytest
from pages import (
    FACES,
    PASSWORD,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    is_fragment,
    is_page,
    is_problem,
    session_ids,
    tags,
)
from stores import Stores

LIST = "/settings/sessions"
UNKNOWN_ID = "A" * 22


async def other_id(browser: Browser) -> str:
    """Return the id of the one session on the device page that is not this browser's."""
    _, other = session_ids((await browser.get(LIST)).text)
    return other


async def listed(browser: Browser) -> list[dict[str, object]]:
    return (await browser.json("GET", LIST)).json()["sessions"]  # type: ignore[no-any-return]  # JSON is what we say


def announced(text: str) -> bool:
    """Whether a fragment brings a notice into the page's live region."""
    region = next(tag for tag in tags(text, "div") if tag.get("id") == "notices")
    return "hx-swap-oob" in region and 'class="notice ' in text


async def test_list_shows_exactly_the_living_sessions_with_this_one_first(
    ada: Browser, phone: Browser, eve: Browser, site: Site
):
    laptop = site.browser("2001:db8::7")
    await laptop.log_in(ada.email)
    page = await laptop.get(LIST)
    assert page.status_code == 200
    ids = session_ids(page.text)
    assert len(set(ids)) == len(ids) == 3
    rows = await listed(laptop)
    assert [row["id"] for row in rows] == ids
    assert [row["current"] for row in rows] == [True, False, False]
    assert {row["address"] for row in rows} == {"2001:db8::7", "198.51.100.7", "192.0.2.1"}
    assert {row["device"] for row in rows} == {"Firefox on Linux", "Safari on iPhone"}
    assert [row["remembered"] for row in rows].count(True) == 1
    for shown in ("This device", "Firefox on Linux", "Safari on iPhone", "198.51.100.7", "2001:db8::7"):
        assert shown in page.text
    assert len(session_ids((await eve.get(LIST)).text)) == 1


async def test_list_drops_what_has_run_out(ada: Browser, phone: Browser, stores: Stores):
    stores.age(3601, "seen")
    assert [row["device"] for row in await listed(phone)] == ["Safari on iPhone"]
    assert (await ada.get(LIST)).status_code == 303


async def test_pages_and_answers_hold_no_credential(ada: Browser, phone: Browser, stores: Stores):
    secrets = [browser.session_cookie.split(".")[0] for browser in (ada, phone)]
    hashes = stores.secret_hashes()
    for text in ((await ada.get(LIST)).text, (await ada.json("GET", LIST)).text, (await ada.get("/dashboard")).text):
        assert all(secret and secret not in text for secret in (*secrets, *hashes))


async def test_times_are_exact_for_machines_and_in_the_title(ada: Browser):
    times = tags((await ada.get(LIST)).text, "time")
    assert len(times) == 3
    assert all(tag["datetime"].endswith("Z") and "UTC" in tag["title"] for tag in times)


@pytest.mark.parametrize("face", FACES)
async def test_ended_session_is_out_at_once_and_told(face: Face, ada: Browser, phone: Browser, stores: Stores):
    other = await other_id(ada)
    response = await ada.send(face, f"{LIST}/{other}/end")
    assert (await phone.get("/dashboard")).status_code == 303
    assert len(stores.sessions()) == 1
    if face == "json":
        assert response.status_code == 200
    elif face == "htmx":
        assert response.status_code == 200
        assert is_fragment(response, "sessions")
        assert announced(response.text)
        assert len(session_ids(response.text)) == 1
        assert "1 device" in response.text
        assert any(tag.get("id") == "sessions-heading" and "autofocus" in tag for tag in tags(response.text, "h2"))
    else:
        assert (response.status_code, response.headers["Location"]) == (303, LIST)
        assert "Safari on iPhone" in (await ada.get(LIST)).text
        assert "Safari on iPhone" not in (await ada.get(LIST)).text


@pytest.mark.parametrize("face", FACES)
async def test_ending_twice_is_harmless_and_told_honestly(face: Face, ada: Browser, phone: Browser, stores: Stores):
    other = await other_id(ada)
    await ada.send(face, f"{LIST}/{other}/end")
    response = await ada.send(face, f"{LIST}/{other}/end")
    assert response.status_code == 404
    assert len(stores.sessions()) == 1
    assert (await ada.get("/dashboard")).status_code == 200


@pytest.mark.parametrize("act", ["end", "name"])
@pytest.mark.parametrize("face", FACES)
async def test_somebody_elses_session_answers_as_an_unknown_one(
    face: Face, act: str, ada: Browser, eve: Browser, stores: Stores
):
    (hers,) = session_ids((await eve.get(LIST)).text)
    await ada.get(LIST)
    before = stores.contents()
    answers = [await ada.send(face, f"{LIST}/{each}/{act}", {"name": "Mine"}) for each in (hers, UNKNOWN_ID, "x", "…")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1
    if face == "json":
        assert is_problem(answers[0], 404)
    else:
        assert is_page(answers[0]) if face == "page" else announced(answers[0].text)
    assert stores.contents() == before


@pytest.mark.parametrize("face", FACES)
async def test_ending_the_own_current_session_is_signing_out(face: Face, ada: Browser, phone: Browser):
    current, _ = session_ids((await ada.get(LIST)).text)
    response = await ada.send(face, f"{LIST}/{current}/end")
    assert not cookies_set(response)[SESSION_COOKIE].value
    if face != "json":
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/login"
    assert (await ada.get(LIST)).status_code == 303
    assert (await phone.get(LIST)).status_code == 200


@pytest.mark.parametrize("face", FACES)
@pytest.mark.usefixtures("eve")
async def test_ending_all_others_keeps_this_one(face: Face, ada: Browser, phone: Browser, site: Site, stores: Stores):
    await site.browser().log_in(ada.email)
    await ada.get(LIST)
    response = await ada.send(face, f"{LIST}/end-others")
    assert len(stores.sessions()) == 2
    assert (await phone.get("/dashboard")).status_code == 303
    if face == "json":
        assert response.json() == {"ended": 2}
    elif face == "htmx":
        assert is_fragment(response, "sessions")
        assert announced(response.text)
        assert "2 other devices" in response.text
    else:
        assert "2 other devices" in (await ada.get(response.headers["Location"])).text


@pytest.mark.parametrize("face", FACES)
async def test_ending_all_others_where_there_are_none_claims_nothing(face: Face, ada: Browser):
    await ada.get(LIST)
    response = await ada.send(face, f"{LIST}/end-others")
    if face == "json":
        assert response.json() == {"ended": 0}
    else:
        text = response.text if face == "htmx" else (await ada.get(LIST)).text
        assert "notice-success" not in text
        assert "No other device" in text


async def test_button_for_all_others_stands_only_where_there_are_some(ada: Browser, site: Site):
    action = f'action="{LIST}/end-others"'
    assert action not in (await ada.get(LIST)).text
    await site.browser().log_in(ada.email)
    assert action in (await ada.get(LIST)).text


async def test_account_at_its_limit_loses_the_session_unused_for_longest(ada: Browser, site: Site, stores: Stores):
    stores.age(5)
    for _ in range(49):
        await site.browser().json("POST", "/login", {"email": ada.email, "password": PASSWORD})
    newest = site.browser()
    await newest.log_in(ada.email)
    assert len(await listed(newest)) == 50
    assert (await ada.get(LIST)).status_code == 303


@pytest.mark.parametrize("face", FACES)
async def test_list_is_for_people_who_are_signed_in(face: Face, browser: Browser):
    response = await browser.look(face, LIST)
    if face == "page":
        assert (response.status_code, response.headers["Location"]) == (303, f"/login?next={LIST}")
    elif face == "htmx":
        assert (response.status_code, response.headers["HX-Redirect"]) == (401, f"/login?next={LIST}")
    else:
        assert is_problem(response, 401)
