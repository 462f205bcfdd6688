"""The notices that wait in a visitor's cookie stay few, whatever leads on from them."""

from pages import Site
from quart import session as cookie

from webapp.web.visitor import MOST_NOTICES, Notice, notify, take_notices

LINK = ("/settings/sessions", "Sign out of some")


async def test_links_of_notices_that_had_to_go_go_with_them(site: Site) -> None:
    async with site.app.test_request_context("/"):
        for place in range(20):
            notify("info", f"Notice {place}", LINK)
        assert len(cookie["links"]) == len(cookie["notices"]) == MOST_NOTICES
        notify("info", "One without a link")
        assert len(cookie["links"]) == MOST_NOTICES - 1
        shown = [*(Notice("info", f"Notice {place}", LINK) for place in (18, 19)), Notice("info", "One without a link")]
        assert take_notices() == shown
        assert dict(cookie) == {}


async def test_links_that_a_version_before_has_left_go_with_the_next_notice(site: Site) -> None:
    async with site.app.test_request_context("/"):
        cookie["links"] = {f"Notice {place}": list(LINK) for place in range(20)}
        notify("success", "You are signed out.")
        assert cookie["links"] == {}
