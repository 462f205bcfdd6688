"""The one button behind the link of "was this you?"."""

from typing import Any, Self

from webapp import words
from webapp.mail.greeting import device_names
from webapp.watch.not_me import Doubted
from webapp.web import identity

from .base import BaseForm


class NotMeForm(BaseForm):
    """Nothing to fill in; ``doubted`` is the sign-in that the link is about."""

    template = "account/not_me"
    doubted: Doubted

    def about(self, doubted: Doubted) -> Self:
        """Say which sign-in the link is about; before that the form cannot be shown."""
        self.doubted = doubted
        return self

    def context(self) -> dict[str, Any]:
        """Return the sign-in, as it may be shown, when it was, and what this browser has to do with it."""
        return {
            "doubted": self.doubted,
            "whose": self._whose,
            "device": self._device,
            "which": self.which,
            "at": self._at,
            "here": self.is_here,
            "ends_this": self.ends_this,
            "foreign": identity.is_another(self.doubted.account),
        }

    @property
    def is_here(self) -> bool:
        """Whether this is the very session that began then.

        Another one of the same browser's name is not told so: this is what makes an owner believe that it was her.
        """
        viewer = identity.viewer().known
        return viewer is not None and self.doubted.is_itself(viewer.session)

    @property
    def ends_this(self) -> bool:
        """Whether the button ends the session of this browser, that one or another one of the same name."""
        viewer = identity.viewer().known
        return viewer is not None and self.doubted.is_of_it(viewer.session)

    @property
    def data_of_link(self) -> dict[str, Any]:
        """What a JSON client is told before anything is done; ``signed_in`` is null where nobody knows."""
        origin = self.doubted.happened.origin
        return {
            "account": self._whose,
            "device": self._device,
            "place": origin.place,
            "address": origin.address,
            "at": words.iso(self._at),
            "signed_in": self.doubted.lives,
            "current": self.is_here,
        }

    @property
    def which(self) -> str:
        """What is signed out: a browser that is not known, as on a shared computer, is no more than its session."""
        return "browser" if self.doubted.happened.browser else "session"

    # As in the mail: where nobody has proven the address, whoever reads this may be a stranger, to whom somebody writes
    # by what he calls himself or his browser.
    @property
    def _whose(self) -> str:
        account = self.doubted.account
        return account.email if account.confirmed is None else account.name

    @property
    def _device(self) -> str:
        proven = self.doubted.account.confirmed is not None
        return device_names(self.doubted.device.label, proven=proven)["device"]

    @property
    def _at(self) -> int:
        return int(self.doubted.happened.at.timestamp())
