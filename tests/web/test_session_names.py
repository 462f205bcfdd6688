"""A name of one's own for a session."""

import pytest
from pages import FACES, Browser, Face, is_fragment, is_page, is_problem, session_ids, tags, token_in
from stores import Stores

LIST = "/settings/sessions"
NAMES = [
    "Kitchen",
    "Zoë\u2019s 🦊",
    "هاتف ليلى",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "a" * 64,
    "é" * 32,
    "'\"&amp;",
]
REFUSED = {
    "65 letters": "a" * 65,
    "65 bytes": "é" * 32 + "e",
    "300 characters": "n" * 300,
    "emoji of 68 bytes": "🦊" * 17,
    "line break": "Kitchen\nPhone",
    "NUL": "Kit\0chen",
    "escape": "\x1b[31mred",
    "C1 control": "Kit\x9bchen",
}


async def named(browser: Browser) -> list[object]:
    return [row["name"] for row in (await browser.json("GET", LIST)).json()["sessions"]]


async def path_of_other(browser: Browser) -> str:
    _, other = session_ids((await browser.get(LIST)).text)
    return f"{LIST}/{other}/name"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("face", FACES)
async def test_name_is_kept_and_shown_as_text(face: Face, name: str, ada: Browser, phone: Browser):
    response = await ada.send(face, await path_of_other(ada), {"name": f"  {name} "})
    assert response.status_code == (303 if face == "page" else 200)
    assert await named(ada) == ["", name]
    page = await ada.get(LIST)
    assert "<img" not in page.text
    assert name in [tag.get("value") for tag in tags(page.text, "input")]
    if face == "htmx":
        assert is_fragment(response, "sessions")
        assert "<img" not in response.text
        assert any("autofocus" in tag for kind in ("h3", "summary", "input") for tag in tags(response.text, kind))


@pytest.mark.parametrize("fault", REFUSED)
@pytest.mark.parametrize("face", FACES)
async def test_name_that_cannot_be_kept_is_refused_with_what_was_typed(
    face: Face, fault: str, ada: Browser, phone: Browser, stores: Stores
):
    path = await path_of_other(ada)
    await ada.post(path, {"name": "Pocket"})
    before = stores.contents()
    response = await ada.send(face, path, {"name": REFUSED[fault]})
    assert response.status_code == 422
    assert stores.contents() == before
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == ["name"]
        return
    assert is_page(response) if face == "page" else is_fragment(response, "sessions")
    (refused,) = [tag for tag in tags(response.text, "input") if "aria-invalid" in tag]
    assert refused["value"].splitlines()[0] == REFUSED[fault].splitlines()[0]
    # On a whole page it names the notice of before, too, as it has the focus from the start.
    assert refused["aria-describedby"].split()[-1] in [tag.get("id") for tag in tags(response.text, "p")]
    assert "autofocus" in refused


@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_name_sent_from_a_page_that_was_open_too_long_is_not_lost(face: Face, ada: Browser):
    (here,) = session_ids((await ada.get(LIST)).text)
    response = await ada.send(face, f"{LIST}/{here}/name", {"name": "Desk", "csrf_token": "old"})
    assert response.status_code == 422
    assert "Desk" in [tag.get("value") for tag in tags(response.text, "input")]
    assert await named(ada) == [""]
    again = {"name": "Desk", "csrf_token": token_in(response.text)}
    assert (await ada.post(f"{LIST}/{here}/name", again)).status_code == 303
    assert await named(ada) == ["Desk"]


async def test_notices_that_nobody_reads_do_not_pile_up(ada: Browser):
    (here,) = session_ids((await ada.get(LIST)).text)
    for _ in range(60):
        response = await ada.post(f"{LIST}/{here}/name", {"name": "n" * 64})
        assert all(len(line) < 4096 for line in response.headers.get_list("Set-Cookie"))
    assert (await ada.get(LIST)).text.count('class="notice notice-success"') <= 3


@pytest.mark.parametrize("face", FACES)
async def test_empty_name_takes_the_name_away(face: Face, ada: Browser, phone: Browser):
    path = await path_of_other(ada)
    await ada.post(path, {"name": "Pocket"})
    assert await named(ada) == ["", "Pocket"]
    await ada.send(face, path, {"name": "  "})
    assert await named(ada) == ["", ""]


async def test_own_session_may_be_named_too(ada: Browser):
    (here,) = session_ids((await ada.get(LIST)).text)
    await ada.post(f"{LIST}/{here}/name", {"name": "Desk"})
    assert await named(ada) == ["Desk"]
    assert "Desk" in (await ada.get("/dashboard")).text


@pytest.mark.parametrize("face", FACES)
async def test_session_that_has_ended_gets_no_name_and_does_not_come_back(
    face: Face, ada: Browser, phone: Browser, stores: Stores
):
    path = await path_of_other(ada)
    await phone.get("/dashboard")
    await phone.post("/logout")
    before = stores.keys()
    assert (await ada.send(face, path, {"name": "Ghost"})).status_code == 404
    assert stores.keys() == before
