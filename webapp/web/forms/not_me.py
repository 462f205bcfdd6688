"""The one button behind the link of "was this you?"."""

from typing import Any, Self

from webapp import words
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
        """Return the sign-in, when it was, and what this browser has to do with it."""
        return {
            "doubted": self.doubted,
            "at": self._at,
            "here": self.is_here,
            "foreign": identity.is_another(self.doubted.account),
        }

    @property
    def is_here(self) -> bool:
        """Whether this is the very browser that was signed in then, and is now."""
        viewer = identity.viewer().known
        return viewer is not None and self.doubted.is_of_it(viewer.session)

    @property
    def data_of_link(self) -> dict[str, Any]:
        """What a JSON client is told before anything is done; ``signed_in`` is null where nobody knows."""
        origin = self.doubted.happened.origin
        return {
            "name": self.doubted.account.name,
            "device": self.doubted.device.label,
            "place": origin.place,
            "address": origin.address,
            "at": words.iso(self._at),
            "signed_in": self.doubted.lives,
            "current": self.is_here,
        }

    @property
    def _at(self) -> int:
        return int(self.doubted.happened.at.timestamp())
