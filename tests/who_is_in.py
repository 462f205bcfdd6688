"""Who gets in, and who has been put out."""

from http import HTTPStatus

from pages import Browser, Site


async def signs_in(site: Site, email: str, password: str) -> bool:
    """Tell whether somebody gets in with a password, in a browser of their own."""
    return (await site.browser().log_in(email, password)).status_code == HTTPStatus.SEE_OTHER


async def is_out(browser: Browser) -> bool:
    """Tell whether nobody is signed in in a browser."""
    return (await browser.get("/dashboard")).status_code == HTTPStatus.SEE_OTHER


async def do_what_is_owed(site: Site, email: str) -> None:
    """End the sessions that the request could not end, as the server does a while later."""
    services = await site.services()
    owed = await services.outbox.about(await account_id_of(site, email))
    await services.deeds.settle([entry for entry in owed if entry.kind == "sessions"])


async def account_id_of(site: Site, email: str) -> str:
    """Return whose email it is."""
    account = await (await site.services()).accounts.find_by_email(email)
    assert account is not None
    return account.id


async def kinds_owed(site: Site, account_id: str) -> set[str]:
    """Name what the server has still to do for an account."""
    return {entry.kind for entry in await (await site.services()).outbox.about(account_id)}
