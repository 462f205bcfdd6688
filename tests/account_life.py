"""What happens to accounts in their lives, each step in one call."""

from dataclasses import replace
from datetime import timedelta

from account_world import ADA, NETWORK, PASSWORD, World

from webapp.accounts.browsers import ShownBrowser
from webapp.accounts.client import Client
from webapp.accounts.model import Account
from webapp.accounts.owed import Kept
from webapp.history import Origin
from webapp.outbox import Entry

ELSEWHERE = "ada@elsewhere.example"
NEW, THIRD = "eleven copper umbrellas", "quiet marble afternoon 7"
HERE = Kept("s" * 22, "h" * 43)
CLIENT = Client(NETWORK, "Firefox on Linux", Origin(address="203.0.113.7"))


async def confirmed(world: World, email: str = ADA) -> Account:
    """Open an account whose email is proven."""
    account = await world.register(email)
    return (await world.addresses.confirm(await world.token(account, "confirm-email")))[0]


async def moved(world: World, account: Account, email: str = ELSEWHERE) -> Account:
    """Give the account another email, through the link that goes there."""
    await world.addresses.request_change(account.id, email)
    return (await world.addresses.confirm(await world.token(account, "confirm-new-email")))[0]


async def change(
    world: World, account: Account, new: str = NEW, current: str = PASSWORD, browser: ShownBrowser | None = None
) -> list[Entry]:
    """Change the password, in the session HERE."""
    return await world.passwords.change(account.id, current, new, keep=HERE, client=_client_on(browser))


async def ask(world: World, email: str = ADA) -> None:
    """Ask for a link to a new password, and do what the server does about it."""
    await world.passwords.request_reset(email, network=NETWORK)
    for entry in await world.outbox.claim(["reset"], 100, timedelta(seconds=60)):
        await world.passwords.send_reset(entry)
        await world.outbox.done(entry.id)


async def reset(world: World, token: str, new: str = NEW, browser: ShownBrowser | None = None) -> list[Entry]:
    """Choose a new password with a link."""
    return await world.passwords.reset(token, new, client=_client_on(browser))


def _client_on(browser: ShownBrowser | None) -> Client:
    async def keep(_: str) -> ShownBrowser:
        assert browser
        return browser

    return replace(CLIENT, keep_browser=keep if browser else None)
