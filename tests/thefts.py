"""A thief in somebody's account, and the mail about it."""

from dataclasses import dataclass
from typing import Any

from mailed_links import doubting_token
from pages import IPHONE, Browser, Site, session_ids

# The name of the browser, as its own cookie says.
THIEFS_BROWSER = "b" * 16


@dataclass
class Theft:
    """Somebody is signed in to Ada's account, and she has a mail about it."""

    thief: Browser
    session_id: str
    link: str


async def steal(site: Site, ada: Browser, **changes: Any) -> Theft:
    """Sign a thief in to Ada's account; ``changes`` are of the event that notes it."""
    thief = site.browser("192.0.2.66", IPHONE)
    await thief.log_in(ada.email)
    # The newest one that is not this one.
    other = session_ids((await ada.get("/settings/sessions")).text)[1]
    return Theft(thief, other, f"/not-me/{await doubting_token(site, ada.email, other, THIEFS_BROWSER, **changes)}")


async def is_in(browser: Browser) -> bool:
    """Tell whether a browser is signed in."""
    return (await browser.json("GET", "/dashboard")).status_code == 200


async def account_id_of(site: Site, ada: Browser) -> str:
    """Give the id of somebody's account."""
    account = await (await site.services()).accounts.find_by_email(ada.email)
    assert account is not None
    return account.id
