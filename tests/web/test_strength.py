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


@pytest.mark.parametrize("known", [{}, {"name": "Ada"}, {"email": "ada@example.test"}])
async def test_good_one_is_not_promised_to_somebody_of_whom_too_little_is_known(
    known: dict[str, str], browser: Browser
):
    """What is made of their name or email is refused when the form is sent."""
    response = await browser.json("POST", "/register/strength", {"password": PASSWORD, **known})
    assert response.json() == {
        "verdict": "good",
        "message": "A good password, unless it is made of your name or email.",
    }
    both = {"name": "Ada", "email": "ada@example.test"}
    response = await browser.json("POST", "/register/strength", {"password": PASSWORD, **both})
    assert response.json() == {"verdict": "good", "message": "A good password."}


async def test_who_is_signed_in_is_judged_by_all_that_is_known_of_them(ada: Browser, eve: Browser):
    """The form behind a link from a mail tells the email of its account, and no name."""
    told = {}
    for who, browser in (("ada", ada), ("eve", eve)):
        typed = {"new": "adalovelace1", "email": ada.email}
        told[who] = (await browser.json("POST", "/register/strength", typed)).json()
    assert told["ada"]["verdict"] == "weak"
    assert told["eve"]["message"] == "A good password, unless it is made of your name or email."


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
