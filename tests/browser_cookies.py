"""A copy of a known browser's cookie, and what is known of it after each sign-in."""

from datetime import UTC, datetime
from itertools import count

from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import Browsers, ShownBrowser
from webapp.accounts.changes import lock
from webapp.accounts.model import Account

NAME = "n" * 16
HASHES = (f"{number:043}" for number in count())


class Cookie:
    """A copy of a browser's cookie."""

    def __init__(self, secret: str = "", name: str = NAME) -> None:
        self.name, self.secret = name, secret

    def copy(self) -> "Cookie":
        """Copy it as it is now."""
        return Cookie(self.secret, self.name)

    def sign_in(self, *, lost: bool = False) -> ShownBrowser:
        """Get a new secret; give what is known of the browser by then. ``lost``: the answer did not arrive."""
        signed_in = ShownBrowser(self.name, self.secret, next(HASHES))
        if not lost:
            self.secret = signed_in.given
        return signed_in

    @property
    def shown(self) -> ShownBrowser:
        """What is known of a browser that shows it."""
        return ShownBrowser(self.name, self.secret)


async def keep(engine: AsyncEngine, account: Account, browser: ShownBrowser, at: datetime | None = None) -> bool:
    """Note a sign-in, as the watch does; tells whether it was on a new browser."""
    async with engine.begin() as db:
        await lock(db, account.id)
        return await Browsers(engine).keep(db, account.id, browser, at or datetime.now(UTC))
