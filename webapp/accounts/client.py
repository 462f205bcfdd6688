"""On what, and from where, somebody gives an account a new password."""

from dataclasses import dataclass

from webapp.history import NOWHERE, Origin

from .browsers import ShownBrowser


@dataclass(frozen=True, slots=True)
class Client:
    """The browser or program that asks for it, as the site sees it.

    ``network`` is what tries are counted by, ``device`` the label that its owner is told, and ``origin`` what the
    history tells. ``browser`` is the one that the account knows from then on; None for one that it is not to know.
    """

    network: str
    device: str = ""
    origin: Origin = NOWHERE
    browser: ShownBrowser | None = None

    @property
    def where(self) -> str:
        """The device and the address, for a mail that tells of it."""
        return ", ".join(filter(None, (self.device, self.origin.address)))
