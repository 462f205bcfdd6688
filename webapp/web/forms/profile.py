"""Who one is here: a name, and the email that the account is reached by."""

from typing import Any

from wtforms import StringField
from wtforms.validators import InputRequired

from webapp.accounts.links import Link
from webapp.web import identity

from .account import looks_like_email
from .base import BaseForm, is_a_name, stripped
from .confirming import ConfirmingForm


class ProfileForm(BaseForm):
    """One of the two forms of the profile; the page shows both, whichever was sent.

    ``pending`` is the link whose use would change the email, for the page to tell of.
    """

    page_template = "settings/profile"
    pending: Link | None = None

    def context(self) -> dict[str, Any]:
        """Return the other form, and what the page tells besides."""
        here = identity.signed_in()
        return {
            "name_form": self if isinstance(self, NameForm) else NameForm(name=here.account.name),
            "email_form": self if isinstance(self, EmailForm) else EmailForm(),
            "pending": self.pending,
            "now": here.now,
        }


class NameForm(ProfileForm):
    """Another name."""

    template = "settings/name"
    page_template = "settings/profile"

    name = StringField("Name", filters=[stripped], validators=[InputRequired("Please enter your name."), is_a_name])


class EmailForm(ProfileForm, ConfirmingForm):
    """Another email; it counts once the link that is sent there was used."""

    template = "settings/email"
    page_template = "settings/profile"

    email = StringField(
        "New email", filters=[stripped], validators=[InputRequired("Please enter the new email."), looks_like_email]
    )
