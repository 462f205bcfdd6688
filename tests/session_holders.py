"""Who holds a session's cookie, and the first steps of its renewal."""

from dataclasses import dataclass

from session_world import ADDRESS, World

from webapp.sessions.model import AccountSnapshot, Started
from webapp.sessions.token import Token

# What secrets.lua has: seconds between two new secrets, and for which the one before stays good.
PERIOD, GRACE = 600, 60


@dataclass
class Holder:
    """A browser with the cookie of a session: its owner's, or a thief's."""

    world: World
    token: str
    address: str = ADDRESS

    async def visits(self) -> bool:
        """Show the cookie and keep what comes back; tells whether the session lives."""
        resumed = await self.world.service.resume(self.token, address=self.address)
        if resumed is not None and resumed.cookie is not None:
            self.token = resumed.cookie
        return resumed is not None


async def offered(world: World, account: AccountSnapshot) -> tuple[Started, str]:
    """Sign in and have a new secret handed out; gives it, not shown yet, with what it is to follow."""
    started = await world.sign_in(account)
    await world.age(started.token, PERIOD)
    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is not None
    return started, resumed.cookie


async def promoted(world: World, account: AccountSnapshot) -> tuple[Started, str]:
    """Do the same and show it once, so that it is in force."""
    started, new = await offered(world, account)
    assert await world.resumes(new)
    return started, new


async def renew_often(world: World, browser: Holder, times: int) -> None:
    """Let a browser come back until its secret was renewed so often, and the one before is good no more."""
    for _ in range(times):
        await world.age(browser.token, PERIOD)
        assert await browser.visits()
        await world.age(browser.token, GRACE)
        assert await browser.visits()
    await world.age(browser.token, GRACE)
    assert await browser.visits()


def hash_of(token: str) -> str:
    """Give the hash that stands in Redis for a token's secret."""
    parsed = Token.parse(token)
    assert parsed is not None
    return parsed.secret_hash
