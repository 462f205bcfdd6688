"""On what, and from where, somebody gives an account a new password."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from webapp.history import NOWHERE, Origin

from .browsers import ShownBrowser


@dataclass(frozen=True, slots=True)
class Client:
    """The browser or program that asks for it, as the site sees it.

    ``network`` is what tries are counted by, ``device`` the label that its owner is told, and ``origin`` what the
    history tells. ``keep_browser`` gives the browser that an account is to know from then on, and is asked once it is
    proven that somebody may choose the password; None for one that it is not to know.
    """

    network: str
    device: str = ""
    origin: Origin = NOWHERE
    keep_browser: Callable[[str], Awaitable[ShownBrowser]] | None = None

    async def browser_of(self, account_id: str) -> ShownBrowser | None:
        """Give the browser that an account is to know; may raise StoreUnavailable."""
        return await self.keep_browser(account_id) if self.keep_browser else None

    @property
    def where(self) -> str:
        """The device and the address, for a mail that tells of it."""
        return ", ".join(filter(None, (self.device, self.origin.address)))
