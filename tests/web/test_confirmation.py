"""The password once more, before ending sessions (promise 6)."""

import httpx
import pytest
from pages import FACES, ORIGIN, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, session_ids, tags
from stores import Stores

WINDOW = 15 * 60
# For the requests of a test, however slow its machine is.
MINUTE = 60
LIST = "/settings/sessions"


async def acts(browser: Browser) -> list[str]:
    """Return every address whose button ends sessions, standing on the device page."""
    current, *others = session_ids((await browser.get(LIST)).text)
    return [f"{LIST}/{others[0]}/end", f"{LIST}/{current}/end", f"{LIST}/end-others", "/logout-all"]


def is_over_the_page(response: httpx.Response) -> bool:
    """Tell whether the answer is the form in the dialog that every page of somebody signed in has."""
    place = (response.headers.get("HX-Retarget"), response.headers.get("HX-Reswap"))
    return is_fragment(response, "confirm-here") and place == ("#confirming-form", "innerHTML")


async def test_page_asks_for_the_password_alone(ada: Browser):
    page = await ada.get(f"/confirm?next={LIST}")
    assert page.status_code == 200
    form = next(tag for tag in tags(page.text, "form") if tag.get("id") == "confirm")
    assert (form["action"], form["method"]) == ("/confirm", "post")
    inputs = {tag["name"]: tag for tag in tags(page.text, "input")}
    assert inputs["password"]["autocomplete"] == "current-password"
    assert inputs["next"]["value"] == LIST


async def test_confirmation_as_old_as_the_window_counts_no_more(ada: Browser, phone: Browser, stores: Stores):
    stores.age(WINDOW - MINUTE, "confirmed")
    for path in await acts(ada):
        assert (await ada.post(path, {"csrf_token": ""})).status_code == 403, path
    stores.age(MINUTE, "confirmed")
    for path in await acts(ada):
        assert (await ada.post(path)).headers["Location"].startswith("/confirm?next=/"), path
    assert len(stores.sessions()) == 2


async def test_each_caller_is_sent_to_confirm_in_its_own_way_and_nothing_ends(
    ada: Browser, phone: Browser, stores: Stores
):
    stores.age(WINDOW, "confirmed")
    leading_back = f"/confirm?next={LIST}"
    for path in await acts(ada):
        page = await ada.post(path, referer=f"{ORIGIN}{LIST}")
        assert (page.status_code, page.headers["Location"]) == (303, leading_back)
        fragment = await ada.htmx(path, page=LIST)
        assert fragment.status_code == 403
        assert is_over_the_page(fragment)
        program = await ada.json("POST", path)
        assert is_problem(program, 403)
        assert "/confirm" in program.text
    assert len(stores.sessions()) == 2


async def test_act_is_not_replayed_after_the_password_but_done_by_its_own_button(
    ada: Browser, phone: Browser, stores: Stores
):
    stores.age(WINDOW, "confirmed")
    path = (await acts(ada))[0]
    confirm = (await ada.post(path, referer=f"{ORIGIN}{LIST}")).headers["Location"]
    await ada.get(confirm)
    response = await ada.post("/confirm", {"password": PASSWORD, "next": LIST})
    assert (response.status_code, response.headers["Location"]) == (303, LIST)
    await ada.get(LIST)
    assert len(stores.sessions()) == 2
    assert (await phone.get("/dashboard")).status_code == 200
    assert (await ada.post(path)).headers["Location"] == LIST
    assert (await phone.get("/dashboard")).status_code == 303


async def test_place_for_asking_over_the_page_is_on_every_page_of_somebody_signed_in(ada: Browser, browser: Browser):
    for path in ("/dashboard", LIST, "/confirm", "/nowhere"):
        assert 'id="confirming-form"' in (await ada.get(path)).text, path
    for path in ("/", "/login", "/nowhere"):
        assert 'id="confirming-form"' not in (await browser.get(path)).text, path


async def test_right_password_over_the_page_is_told_there_and_replays_nothing(
    ada: Browser, phone: Browser, stores: Stores
):
    stores.age(WINDOW, "confirmed")
    path = (await acts(ada))[0]
    asking = await ada.htmx(path, page=LIST)
    assert [tag["value"] for tag in tags(asking.text, "input") if tag.get("name") == "next"] == [""]
    response = await ada.htmx("/confirm", {"password": PASSWORD, "next": ""}, page=LIST)
    assert response.status_code == 200
    assert is_fragment(response, "notices")
    assert "Confirmed. Press the button again." in response.text
    assert not {"HX-Redirect", "HX-Retarget", "HX-Location"} & set(response.headers)
    assert len(stores.sessions()) == 2
    assert (await ada.htmx(path, page=LIST)).status_code == 200
    assert len(stores.sessions()) == 1


async def test_wrong_password_and_too_many_tries_stay_over_the_page(ada: Browser, stores: Stores):
    stores.age(WINDOW, "confirmed")
    await ada.get(LIST)
    statuses = []
    for _ in range(6):
        response = await ada.htmx("/confirm", {"password": "wrong lanterns", "next": ""}, page=LIST)
        assert is_over_the_page(response)
        assert 'id="confirming-problem"' in response.text
        statuses.append(response.status_code)
    assert statuses == [401] * 5 + [429]
    assert is_over_the_page(await ada.htmx("/confirm", {"password": "", "next": ""}, page=LIST))
    assert is_over_the_page(await ada.htmx("/confirm", {"csrf_token": "", "next": ""}, page=LIST))


async def test_session_that_ended_while_it_was_asked_over_the_page_leads_to_the_sign_in_page(
    ada: Browser, phone: Browser
):
    await ada.get(LIST)
    await phone.get(LIST)
    assert (await phone.post("/logout-all")).headers["Location"] == "/login"
    response = await ada.htmx("/confirm", {"password": PASSWORD, "next": ""}, page=LIST)
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, f"/login?next={LIST}")


async def test_renaming_asks_for_nothing(ada: Browser, phone: Browser, stores: Stores):
    stores.age(WINDOW, "confirmed")
    _, other = session_ids((await ada.get(LIST)).text)
    assert (await ada.post(f"{LIST}/{other}/name", {"name": "Pocket"})).headers["Location"] == LIST


async def test_signing_out_here_asks_for_nothing(ada: Browser, stores: Stores):
    stores.age(WINDOW, "confirmed")
    await ada.get("/dashboard")
    assert (await ada.post("/logout")).headers["Location"] == "/login"
    assert stores.sessions() == []


async def test_confirming_on_one_device_does_not_confirm_another(ada: Browser, phone: Browser, stores: Stores):
    stores.age(WINDOW, "confirmed")
    await phone.get("/confirm")
    await phone.post("/confirm", {"password": PASSWORD})
    path = (await acts(ada))[0]
    assert (await ada.post(path)).headers["Location"].startswith("/confirm")
    assert (await phone.post((await acts(phone))[0])).headers["Location"] == LIST


@pytest.mark.parametrize("face", FACES)
async def test_right_password_leads_on(face: Face, ada: Browser, stores: Stores):
    stores.age(WINDOW, "confirmed")
    await ada.get("/confirm")
    response = await ada.send(face, "/confirm", {"password": PASSWORD, "next": LIST})
    if face == "json":
        assert response.status_code == 200
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == LIST
    assert (await ada.json("POST", "/logout-all")).status_code == 200


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("password", "status"), [("wrong lanterns", 401), ("", 422)])
async def test_wrong_or_missing_password_confirms_nothing(
    password: str, status: int, face: Face, ada: Browser, stores: Stores
):
    stores.age(WINDOW, "confirmed")
    await ada.get("/confirm")
    before = stores.contents()
    response = await ada.send(face, "/confirm", {"password": password, "next": LIST})
    assert response.status_code == status
    assert not password or password not in response.text
    if face == "json":
        assert is_problem(response, status)
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "confirm")
        assert {tag["name"]: tag.get("value") for tag in tags(response.text, "input")}["next"] == LIST
    assert stores.contents() == before


@pytest.mark.parametrize("face", FACES)
async def test_guessing_it_has_to_wait(face: Face, ada: Browser):
    """Somebody who holds another's unlocked device must not find the password out by trying."""
    for _ in range(5):
        assert (await ada.json("POST", "/confirm", {"password": "wrong lanterns"})).status_code == 401
    await ada.get("/confirm")
    response = await ada.send(face, "/confirm", {"password": PASSWORD})
    assert response.status_code == 429
    assert 800 < int(response.headers["Retry-After"]) <= 900


async def test_right_password_of_somebody_else_is_wrong(ada: Browser, site: Site):
    eve = site.browser()
    await eve.register(name="Eve", password="quite another phrase 9")
    assert (await ada.json("POST", "/confirm", {"password": "quite another phrase 9"})).status_code == 401


async def test_dashboard_tells_what_the_session_may_do(ada: Browser, stores: Stores):
    assert 'href="/confirm' not in (await ada.get("/dashboard")).text
    stores.age(WINDOW, "confirmed")
    assert 'href="/confirm' in (await ada.get("/dashboard")).text


@pytest.mark.parametrize("face", FACES)
async def test_it_is_for_people_who_are_signed_in(face: Face, browser: Browser):
    await browser.get("/login")
    assert (await browser.look(face, "/confirm")).status_code == (303 if face == "page" else 401)
    assert (await browser.send(face, "/confirm", {"password": PASSWORD})).status_code == (
        303 if face == "page" else 401
    )
