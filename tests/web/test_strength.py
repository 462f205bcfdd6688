"""How good a new password is, told while it is being typed."""

import pytest
from pages import FACES, PASSWORD, Browser, Face, is_fragment, is_page
from stores import Stores

WEAK = "password1"


@pytest.mark.parametrize("password", [WEAK, PASSWORD, "", "<i>lanterns</i>", "q" * 40_000])
@pytest.mark.parametrize("face", FACES)
async def test_answer_never_holds_the_password_and_nothing_is_written(
    face: Face, password: str, browser: Browser, stores: Stores
):
    await browser.get("/register")
    before = stores.contents()
    response = await browser.send(face, "/register/strength", {"password": password})
    assert response.status_code == 200
    assert not password or password not in response.text
    assert stores.contents() == before


async def test_weak_one_is_told_from_a_good_one(browser: Browser):
    verdicts = []
    for password in (WEAK, PASSWORD):
        response = await browser.json("POST", "/register/strength", {"password": password})
        assert response.json()["message"]
        verdicts.append(response.json()["verdict"])
    assert verdicts == ["weak", "good"]


async def test_own_name_and_email_in_the_form_so_far_make_it_weak(browser: Browser):
    typed = {"name": "Grace Brewster", "email": "commodore@example.test"}
    for password in ("gracebrewster", "commodore@example"):
        alone = await browser.json("POST", "/register/strength", {"password": f"{password} 7"})
        known = await browser.json("POST", "/register/strength", {"password": f"{password} 7", **typed})
        assert known.json()["verdict"] == "weak"
        assert known.json()["message"] != alone.json()["message"]


async def test_htmx_gets_the_one_piece_that_changes(browser: Browser):
    await browser.get("/register")
    response = await browser.htmx("/register/strength", {"password": WEAK}, page="/register")
    assert is_fragment(response, "strength")


async def test_page_for_a_browser_without_htmx_is_the_form(browser: Browser):
    await browser.get("/register")
    response = await browser.post("/register/strength", {"password": WEAK, "name": "Ada"})
    assert is_page(response)
    assert 'value="Ada"' in response.text


@pytest.mark.parametrize("headers", [{"sec_fetch_site": "cross-site"}, {"origin": "https://evil.test"}])
async def test_other_sites_may_not_ask(headers: dict[str, str], browser: Browser):
    await browser.get("/register")
    assert (await browser.post("/register/strength", {"password": WEAK}, **headers)).status_code == 403
