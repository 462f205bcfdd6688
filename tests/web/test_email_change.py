"""Another email, through all three faces: it counts once the link in its inbox was used, and not before."""

import asyncio
from pathlib import Path

import pytest
from mail_folder import arrived, link_to
from pages import FACES, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores

from webapp.accounts.links import Link
from webapp.accounts.model import Account
from webapp.throttle.mails import MailLimit

PROFILE, EMAIL = "/settings/profile", "/settings/email"
NEW = "Ada@elsewhere.test"
LONGEST = f"{'a' * 64}@{'.'.join(['b' * 61] * 3)}.te"
WINDOW = 15 * 60
REFUSED = ["", "ada", "ada@", "@example.test", "ada@localhost", "a" * 250 + "@x.test", "ada@x.test\nBcc: eve@x.test"]
STRANGE_JSON = [{"email": [NEW]}, {"email": {}}, {"email": None}, [], NEW]

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


def email_field(html: str) -> dict[str, str]:
    (form,) = [tag for tag in tags(html, "form") if tag.get("id") == "email-form"]
    assert (form["action"], form["method"]) == (EMAIL, "post")
    return next(tag for tag in tags(html, "input") if tag.get("name") == "email")


async def account_of(site: Site, browser: Browser) -> Account:
    account = await (await site.services()).accounts.find_by_email(browser.email)
    assert account is not None
    return account


async def links_of(site: Site, browser: Browser) -> list[Link]:
    return await (await site.services()).accounts.links_of((await account_of(site, browser)).id)


async def email_of(browser: Browser) -> str:
    return str((await browser.json("GET", PROFILE)).json()["account"]["email"])


async def allow(*_: object) -> None:
    """Let every mail be sent."""


async def ask(browser: Browser, email: str = NEW) -> None:
    await browser.get(PROFILE)
    assert (await browser.post(EMAIL, {"email": email})).headers["Location"] == PROFILE


@each_face
@pytest.mark.parametrize("email", [NEW, LONGEST, "jörg@bücher.test"])
async def test_change_is_asked_for_and_waits_for_the_link(email: str, face: Face, ada: Browser, inbox: Path) -> None:
    await ada.get(PROFILE)
    response = await ada.send(face, EMAIL, {"email": f" {email} "})
    if face == "json":
        assert (response.status_code, response.json()["pending"]["email"]) == (200, email)
        assert response.json()["account"]["email"] == ada.email
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == PROFILE
        page = await ada.get(PROFILE)
        notice = page.text.partition('id="notices"')[2].partition("</div>")[0]
        assert f"We sent a link to {email}." in notice
        waiting = page.text.partition('id="pending-email"')[2].partition("</form>")[0]
        assert email in waiting
        assert "pressed the button there" in waiting
        assert f"stays <bdi>{ada.email}</bdi>" in waiting
        hint = page.text.partition('id="email-hint"')[2].partition("</p>")[0]
        assert "until you have opened it and pressed the button there" in hint
        assert "in 1 day" in waiting
    assert await email_of(ada) == ada.email
    # As mail servers spell it.
    await arrived(inbox, email.replace("bücher", "xn--bcher-kva"))


async def test_email_is_another_one_after_the_link_on_every_session(
    ada: Browser, phone: Browser, browser: Browser, inbox: Path
) -> None:
    await ask(ada)
    link = await link_to(inbox, NEW)
    page = await ada.get(link)
    assert NEW in page.text
    assert await email_of(ada) == ada.email
    response = await ada.post(link)
    assert response.headers["Location"] == PROFILE
    page = await ada.get(PROFILE)
    assert f"Your email is now {NEW}." in page.text
    assert 'id="pending-email"' not in page.text
    for each in (ada, phone):
        assert (await each.json("GET", "/dashboard")).json()["account"]["email"] == NEW
        assert 'id="banner"' not in (await each.get("/dashboard")).text
    assert (await browser.log_in(ada.email)).status_code == 401
    assert (await browser.log_in(NEW)).status_code == 303


@each_face
@pytest.mark.parametrize("email", REFUSED)
async def test_what_is_no_email_is_refused_at_its_field(
    email: str, face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    await ada.get(PROFILE)
    before, links = stores.everything(), await links_of(site, ada)
    response = await ada.send(face, EMAIL, {"email": email})
    assert response.status_code == 422
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == ["email"]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "email-form")
        field = email_field(response.text)
        assert field["aria-invalid"] == "true"
        assert "autofocus" in field
        assert "email-error" in field["aria-describedby"].split()
    assert (stores.everything(), await links_of(site, ada)) == (before, links)


@pytest.mark.parametrize("body", STRANGE_JSON)
async def test_body_that_holds_no_email_is_refused(body: object, ada: Browser, stores: Stores) -> None:
    before = stores.everything()
    assert (await ada.json("POST", EMAIL, body)).status_code in {400, 422}
    assert stores.everything() == before


@each_face
async def test_the_email_that_is_there_already_is_told_at_the_field(face: Face, ada: Browser) -> None:
    await ada.get(PROFILE)
    response = await ada.send(face, EMAIL, {"email": ada.email})
    assert response.status_code == 422
    assert "This is your email already." in response.text
    assert face == "json" or email_field(response.text)["value"] == ada.email


@each_face
async def test_nobody_learns_here_whether_an_address_is_somebodys(
    face: Face, ada: Browser, eve: Browser, inbox: Path
) -> None:
    await eve.get(PROFILE)
    free = await eve.send(face, EMAIL, {"email": "free@example.test"})
    taken = await eve.send(face, EMAIL, {"email": ada.email})
    assert free.status_code == taken.status_code
    assert face != "json" or taken.json()["pending"]["email"] == ada.email
    await arrived(inbox, ada.email, 2)


@each_face
async def test_password_is_asked_in_place_and_the_address_stays_typed(
    face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    stores.age(WINDOW, "confirmed")
    assert 'id="email-password"' in (await ada.get(PROFILE)).text
    before = await links_of(site, ada)
    for password, status in (("", 422), ("wrong lanterns", 401)):
        response = await ada.send(face, EMAIL, {"email": NEW, "password": password})
        assert response.status_code == status
        assert not password or password not in response.text
        assert face == "json" or email_field(response.text)["value"] == NEW
    assert await links_of(site, ada) == before
    response = await ada.send(face, EMAIL, {"email": NEW, "password": PASSWORD})
    assert response.status_code == (303 if face == "page" else 200)
    assert (await ada.json("GET", PROFILE)).json()["pending"]["email"] == NEW


@each_face
async def test_asking_again_at_once_has_to_wait_with_the_address_kept(face: Face, ada: Browser, site: Site) -> None:
    await ask(ada)
    before = await links_of(site, ada)
    await ada.get(PROFILE)
    response = await ada.send(face, EMAIL, {"email": NEW})
    assert response.status_code == 429
    assert 60 < int(response.headers["Retry-After"]) <= 120
    said = "We sent a link not long ago. Please wait 2 minutes before the next one."
    if face == "json":
        assert response.json()["errors"] == {"email": [said]}
    else:
        assert said in response.text.partition('id="email-error"')[2].partition("</p>")[0]
        assert "Too many tries" not in response.text
        assert is_page(response) if face == "page" else is_fragment(response, "email-form")
        assert email_field(response.text)["value"] == NEW
    assert face != "page" or 'id="pending-email"' in response.text
    assert await links_of(site, ada) == before


# A JSON body needs no token.
@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_stale_form_comes_back_with_the_address(face: Face, ada: Browser, site: Site) -> None:
    await ada.get(PROFILE)
    before = await links_of(site, ada)
    response = await ada.send(face, EMAIL, {"email": NEW, "csrf_token": "stale"})
    assert response.status_code == 422
    assert email_field(response.text)["value"] == NEW
    assert await links_of(site, ada) == before


@each_face
async def test_cancelled_change_leaves_a_link_that_opens_nothing(face: Face, ada: Browser, inbox: Path) -> None:
    await ask(ada)
    link = await link_to(inbox, NEW)
    for _ in range(2):
        await ada.get(PROFILE)
        response = await ada.send(face, f"{EMAIL}/cancel")
        assert response.status_code == (303 if face == "page" else 200)
        assert face != "json" or response.json()["pending"] is None
    page = await ada.get(PROFILE)
    assert 'id="pending-email"' not in page.text
    assert face == "json" or f"Your email stays {ada.email}." in page.text
    assert (await ada.post(link)).status_code == 410
    assert await email_of(ada) == ada.email


async def test_newer_address_takes_the_place_of_the_one_that_waits(ada: Browser, inbox: Path) -> None:
    await ask(ada)
    older = await link_to(inbox, NEW)
    await ask(ada, "third@example.test")
    assert (await ada.get(older)).status_code == 410
    assert (await ada.json("GET", PROFILE)).json()["pending"]["email"] == "third@example.test"


@each_face
async def test_of_two_people_who_race_for_an_address_one_gets_it_and_the_other_loses_nothing(
    face: Face, ada: Browser, eve: Browser, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MailLimit, "take", allow)
    people = {ada.email: ada, eve.email: eve}
    links = {}
    for count, (email, browser) in enumerate(people.items(), 1):
        await ask(browser)
        links[email] = await link_to(inbox, NEW, count)
        await browser.get(links[email])
    answers = await asyncio.gather(*(people[email].send(face, links[email]) for email in people))
    statuses = {email: answer.status_code for email, answer in zip(people, answers, strict=True)}
    done = 303 if face == "page" else 200
    assert sorted(statuses.values()) == [done, 409]
    (loser,) = [email for email, status in statuses.items() if status == 409]
    (answer,) = [answer for answer in answers if answer.status_code == 409]
    assert "could not become yours" in answer.text
    assert links[loser] not in answer.text
    assert await email_of(people[loser]) == loser
    assert (await people[loser].json("GET", PROFILE)).json()["pending"]["email"] == NEW
    (winner,) = set(people) - {loser}
    assert await email_of(people[winner]) == NEW
