"""The one button behind a link from a mail that is about an email."""

from typing import Any, Self

from webapp.accounts.addresses import Opened
from webapp.web import identity

from .base import BaseForm


class LinkForm(BaseForm):
    """Nothing to fill in; ``opened`` is what the link is about, and whose it is."""

    opened: Opened

    def about(self, opened: Opened) -> Self:
        """Say what the link is about; before that the form cannot be shown."""
        self.opened = opened
        return self

    def context(self) -> dict[str, Any]:
        """Return what the link is about, and whether that is another account than the one signed in here."""
        return {"opened": self.opened, "foreign": self.is_foreign}

    @property
    def is_foreign(self) -> bool:
        """Whether this browser is signed in to an account that the link is not about."""
        return identity.is_another(self.opened.account)

    @property
    def whose(self) -> str:
        """Whose email it is, at the beginning of a sentence."""
        return f"{self.opened.account.name}'s" if self.is_foreign else "Your"

    @property
    def data_of_link(self) -> dict[str, Any]:
        """What a JSON client is told before anything is done."""
        return {"email": self.opened.email, "name": self.opened.account.name}


class ConfirmEmailForm(LinkForm):
    """An address is proven, or becomes the account's."""

    template = "account/confirm_email"

    @property
    def changes(self) -> bool:
        """Whether the address takes the place of another."""
        return self.opened.link.purpose == "change"

    @property
    def done_words(self) -> str:
        """What is so once the button was pressed."""
        return (
            f"{self.whose} email is now {self.opened.email}." if self.changes else f"{self.whose} email is confirmed."
        )


class RestoreEmailForm(LinkForm):
    """An address becomes the account's again."""

    template = "account/restore_email"

    @property
    def done_words(self) -> str:
        """What is so once the button was pressed."""
        return f"{self.whose} email is {self.opened.email} again."

    @property
    def link_words(self) -> str:
        """Where the way back into the account is."""
        return "We sent a link there, to choose a new password."
