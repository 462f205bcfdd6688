"""The protected page, and what it costs (promise 7)."""

import pytest
from pages import FACES, Browser, Face, Site, is_problem, tags
from session_fields import ACCOUNT
from statements import statements
from stores import Stores


async def test_page_shows_who_you_are_and_this_session(ada: Browser):
    page = await ada.get("/dashboard")
    assert page.status_code == 200
    for shown in ("Ada Lovelace", ada.email, "Member", "Firefox on Linux", "192.0.2.1"):
        assert shown in page.text
    assert all(tag["datetime"] and tag["title"] for tag in tags(page.text, "time"))


async def test_json_has_the_account_and_this_session(phone: Browser):
    response = await phone.json("GET", "/dashboard")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    data = response.json()
    assert data["account"]["email"] == phone.email
    session = data["session"]
    assert (session["device"], session["kind"]) == ("Safari on iPhone", "phone")
    assert (session["address"], session["remembered"], session["current"]) == ("198.51.100.7", True, True)
    assert session["created"] == session["seen"]
    assert session["seen"] < session["ends"] < session["expires"]
    assert session["method"] == "password"


@pytest.mark.usefixtures("nobody_does_what_is_owed")
@pytest.mark.parametrize("others", [0, 5])
@pytest.mark.parametrize("path", ["/dashboard", "/confirm"])
async def test_signed_in_page_costs_one_script_and_no_sql_however_many_sessions_there_are(
    path: str, others: int, ada: Browser, site: Site, stores: Stores
):
    for _ in range(others):
        await site.browser().log_in(ada.email)
    await ada.get(path)
    async with statements() as sql:
        with stores.watched() as commands:
            response = await ada.get(path)
    assert response.status_code == 200
    assert commands == ["EVALSHA"]
    assert sql == []


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_due_touch_is_the_same_one_script(ada: Browser, site: Site, stores: Stores):
    await ada.get("/dashboard")
    stores.age(61)
    async with statements() as sql:
        with stores.watched() as commands:
            await ada.get("/dashboard")
    assert commands == ["EVALSHA"]
    assert sql == []


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_device_list_costs_two_scripts_and_no_sql(ada: Browser, phone: Browser, site: Site, stores: Stores):
    await ada.get("/settings/sessions")
    async with statements() as sql:
        with stores.watched() as commands:
            await ada.get("/settings/sessions")
    assert commands == ["EVALSHA", "EVALSHA"]
    assert sql == []


async def test_page_between_two_touches_writes_nothing(ada: Browser, stores: Stores):
    before = stores.contents()
    for _ in range(3):
        await ada.get("/dashboard")
    assert stores.contents() == before


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_account_that_redis_has_lost_is_read_from_sql_once(ada: Browser, site: Site, stores: Stores):
    (key,) = stores.keys()
    stores.redis.hdel(key, *ACCOUNT.values())
    async with statements() as sql:
        assert "Ada Lovelace" in (await ada.get("/dashboard")).text
        assert "Ada Lovelace" in (await ada.get("/dashboard")).text
    assert len([statement for statement in sql if "SELECT" in statement]) == 1


@pytest.mark.parametrize("field", ["hash", "created", "seen", "confirmed", "idle", "expires"])
@pytest.mark.parametrize("value", [None, "", "soon", "-1", "9" * 400, "1e9"])
async def test_damaged_record_counts_as_ended(field: str, value: str | None, ada: Browser, stores: Stores):
    (record,) = stores.sessions()
    stores.write(record, **{field: value})
    assert (await ada.get("/dashboard")).headers["Location"] == "/login?next=/dashboard"
    assert (await ada.get("/login")).status_code == 200


@pytest.mark.parametrize("field", ["remembered", "method", "device", "address", "name"])
async def test_record_without_something_to_show_still_lives(field: str, ada: Browser, stores: Stores):
    (record,) = stores.sessions()
    for damage in (b"\xff\xfe<b>", None):
        stores.write(record, **{field: damage})
        for path in ("/dashboard", "/settings/sessions"):
            page = await ada.get(path)
            assert page.status_code == 200
            assert "<b>" not in page.text


@pytest.mark.parametrize("face", FACES)
async def test_it_is_for_people_who_are_signed_in(face: Face, browser: Browser):
    response = await browser.look(face, "/dashboard")
    if face == "page":
        assert (response.status_code, response.headers["Location"]) == (303, "/login?next=/dashboard")
    elif face == "htmx":
        assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login?next=/dashboard")
    else:
        assert is_problem(response, 401)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/dashboard", "/settings/sessions", "/confirm", "/no-such-page"])
async def test_nothing_of_what_somebody_signed_in_sees_is_kept(path: str, ada: Browser):
    assert (await ada.get(path)).headers["Cache-Control"] == "no-store"
