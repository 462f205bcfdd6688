"""Signing up, signing in, and confirming that it is still you."""

from dataclasses import dataclass
from typing import Any, Literal

from quart import Response
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired

from webapp import words
from webapp.accounts import emails
from webapp.sessions.model import SHARED_AT_MOST
from webapp.web import htmx
from webapp.web.context import settings

from .base import BaseForm, is_a_name, stripped


def looks_like_email(_: Form, field: Field) -> None:
    """Check the form of an address; whether it belongs to somebody is not asked."""
    try:
        emails.check(field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Strength:
    """What is said below a password that is being typed."""

    verdict: Literal["", "weak", "good"] = ""
    message: str = ""


class RegisterForm(BaseForm):
    """A new account."""

    template = "account/register"
    strength = Strength()

    email = StringField(
        "Email", filters=[stripped], validators=[InputRequired("Please enter your email."), looks_like_email]
    )
    name = StringField("Name", filters=[stripped], validators=[InputRequired("Please enter your name."), is_a_name])
    # How good a password must be is a rule of the accounts, not of this form.
    password = PasswordField("Password", validators=[InputRequired("Please choose a password.")])


class StrengthForm(RegisterForm):
    """A new password while it is typed, whichever form it stands in: those that replace one call it ``new``."""

    new = PasswordField()

    @property
    def typed(self) -> str:
        """The password so far."""
        return self.password.data or self.new.data or ""


class LoginForm(BaseForm):
    """Signing in."""

    template = "account/login"

    email = StringField("Email", filters=[stripped], validators=[InputRequired("Please enter your email.")])
    password = PasswordField("Password", validators=[InputRequired("Please enter your password.")])
    remember = BooleanField("Keep me signed in on this device")
    shared = BooleanField("This is a shared computer")
    next = HiddenField()

    @property
    def shared_for(self) -> str:
        """How long a session on a shared computer lasts at most, in words."""
        return words.in_full(min(SHARED_AT_MOST, settings().session_lifetime))

    @property
    def remembered_for(self) -> str:
        """How long a pause a remembered session lives through, in words."""
        return words.roughly(settings().remember_idle)

    @property
    def plain_for(self) -> str:
        """The same for a session that is not remembered."""
        return words.roughly(settings().session_idle)


class ConfirmForm(BaseForm):
    """The password once more, before something that cannot be undone.

    On its own page it leads on to ``next``; through htmx, and without one, it is asked over the page that needs it.
    """

    template = "account/confirm"

    password = PasswordField("Password", validators=[InputRequired("Please enter your password.")])
    next = HiddenField()

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: Any) -> None:
        super().__init__(formdata, **values)
        self.over_page = htmx.wants_fragment() and not self.next.data
        if self.over_page:
            # The page below may have a field of this name itself.
            self.password.id = "confirming-password"

    def placed(self, response: Response) -> Response:
        """Stay in the dialog over the page."""
        return htmx.show_over_page(response) if self.over_page else response
