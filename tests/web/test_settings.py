"""The frame of the settings: the way in, the way around, and what is still to be done."""

from collections.abc import Callable
from pathlib import Path

from pages import Browser, tags
from serving import serving

from webapp.accounts.passwords import PasswordHasher

SETTINGS = ["/settings/profile", "/settings/password", "/settings/sessions", "/settings/history", "/settings/data"]
RESEND = "/settings/email/resend"


def current(html: str) -> dict[str, str]:
    """Return what the links of the page say of where one is, by their addresses."""
    return {tag["href"]: tag["aria-current"] for tag in tags(html, "a") if "aria-current" in tag}


async def test_settings_begin_with_the_profile(ada: Browser) -> None:
    response = await ada.get("/settings")
    assert (response.status_code, response.headers["Location"]) == (303, "/settings/profile")
    response = await ada.look("htmx", "/settings")
    assert response.headers["HX-Redirect"] == "/settings/profile"


async def test_every_page_of_somebody_signed_in_leads_to_them_and_says_where_one_is(ada: Browser) -> None:
    pages = {path: (await ada.get(path)).text for path in ("/dashboard", "/settings/sessions", "/confirm", "/nowhere")}
    assert [path for path, html in pages.items() if 'href="/settings"' not in html] == []
    assert current(pages["/dashboard"]) == {"/dashboard": "page"}
    assert current(pages["/settings/sessions"]) == {"/settings": "true", "/settings/sessions": "page"}
    assert current(pages["/nowhere"]) == {}


async def test_page_of_the_settings_leads_to_all_others(ada: Browser) -> None:
    html = (await ada.get("/settings/sessions")).text
    links = [tag["href"] for tag in tags(html, "a") if tag.get("class") == "subnav-link"]
    assert links == SETTINGS


async def test_who_has_not_confirmed_the_email_is_told_so_on_every_page(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], tmp_path: Path
) -> None:
    async with serving({**environ, "MAIL_URL": f"file://{tmp_path}"}, cheap_hasher()) as site:
        ada = site.browser()
        await ada.register()
        for path in ("/dashboard", "/settings/sessions", "/confirm", "/nowhere"):
            html = (await ada.get(path)).text
            assert ada.email in html.partition('id="banner"')[2].partition("</form>")[0], path
            assert [tag for tag in tags(html, "form") if tag.get("action") == tag.get("hx-post") == RESEND]
        assert 'id="banner"' not in (await site.browser().get("/")).text


async def test_nobody_is_told_of_a_mail_where_none_is_sent(ada: Browser) -> None:
    assert 'id="banner"' not in (await ada.get("/dashboard")).text
