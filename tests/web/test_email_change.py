"""Another email, through all three faces: it counts once the link in its inbox was used, and not before."""

import asyncio
from pathlib import Path

import pytest
from mail_folder import arrived, link_to
from pages import FACES, Browser, Face

from webapp.throttle.mails import MailLimit

PROFILE, EMAIL = "/settings/profile", "/settings/email"
NEW = "Ada@elsewhere.test"
LONGEST = f"{'a' * 64}@{'.'.join(['b' * 61] * 3)}.te"

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


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
