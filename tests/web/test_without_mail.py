"""A site that sends no mail says so where one would be needed, and changes nothing."""

import pytest
from mailed_links import mailed_token
from pages import FACES, Browser, Face, Site, is_problem
from stores import Stores

PROFILE, EMAIL = "/settings/profile", "/settings/email"

each_face = pytest.mark.parametrize("face", FACES)


async def test_profile_says_that_the_email_cannot_be_changed(ada: Browser) -> None:
    page = await ada.get(PROFILE)
    assert "This site sends no mail, so your email cannot be changed here." in page.text
    assert 'id="email-form"' not in page.text
    assert 'id="banner"' not in page.text
    assert "Not confirmed" not in page.text


@each_face
@pytest.mark.parametrize("path", [EMAIL, f"{EMAIL}/resend"])
async def test_what_needs_a_mail_is_refused_in_words(
    path: str, face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    await ada.get(PROFILE)
    before = stores.everything()
    response = await ada.send(face, path, {"email": "elsewhere@example.test"})
    assert response.status_code == 409
    assert "This site sends no mail" in response.text
    assert face != "json" or is_problem(response, 409)
    assert stores.everything() == before
    services = await site.services()
    account = await services.accounts.find_by_email(ada.email)
    assert account is not None
    assert await services.accounts.links_of(account.id) == []
    # The watch over her session alone.
    assert [entry.kind for entry in await services.outbox.about(account.id)] == ["watch"]


@each_face
async def test_way_back_is_kept_for_when_a_new_password_can_be_mailed(
    face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    """The link was mailed before the site stopped to send any."""
    link = f"/restore-email/{await mailed_token(site, ada.email, 'restore', 'old@example.test')}"
    await ada.get(link)
    before = stores.everything()
    response = await ada.send(face, link)
    assert response.status_code == 409
    assert "no mail" in response.text
    assert stores.everything() == before
    assert (await ada.get(link)).status_code == 200
