"""A new password: in the place of one that is known, or of one that is forgotten."""

from http import HTTPStatus
from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from webapp import words
from webapp.accounts.links import LIFETIMES
from webapp.accounts.model import Account
from webapp.throttle.mails import USUAL
from webapp.web import identity

from .account import Strength, looks_like_email
from .base import BaseForm, stripped

NO_NEW_ONE = "Please choose a new password."
CHANGED = "Your password is changed, and every device is signed out. Sign in with the new one."
STILL_ERASED = "Your account is still to be erased; signing in keeps it."
FOREIGN_STILL_ERASED = "That account is still to be erased; signing in to it keeps it."


class PasswordForm(BaseForm):
    """The current password and a new one. ``refusal`` is the status with which the form comes back."""

    template = "settings/password"
    strength = Strength()
    refusal = HTTPStatus.UNPROCESSABLE_ENTITY

    current = PasswordField("Current password", validators=[InputRequired("Please enter your current password.")])
    # How good a password must be is a rule of the accounts, not of this form.
    new = PasswordField("New password", validators=[InputRequired(NO_NEW_ONE)])


class ForgotForm(BaseForm):
    """Whose password was forgotten."""

    template = "account/forgot"

    email = StringField(
        "Email", filters=[stripped], validators=[InputRequired("Please enter your email."), looks_like_email]
    )

    @property
    def lasts(self) -> str:
        """How long the link works, in words."""
        return words.lasting(LIFETIMES["reset"])

    @property
    def pause(self) -> str:
        """How long after one mail the next may be asked for, in words."""
        return words.roughly(USUAL.pause)

    @property
    def most(self) -> str:
        """How many mails go to one address in a day, in words."""
        return words.counted(USUAL.times, "mail")


class ResetForm(BaseForm):
    """A new password for whoever has a link; ``account`` is whose it is, once that was looked up."""

    template = "account/reset"
    strength = Strength()
    token = ""
    account: Account | None = None

    new = PasswordField("New password", validators=[InputRequired(NO_NEW_ONE)])

    def context(self) -> dict[str, Any]:
        """Return where the form is sent to, whose it is, and when that account is erased, if it is to be."""
        erase_at = self.account.erase_at if self.account else None
        return {
            "token": self.token,
            "email": self.account.email if self.account else "",
            "erase_at": int(erase_at.timestamp()) if erase_at else None,
            "foreign": self.is_foreign,
        }

    @property
    def is_foreign(self) -> bool:
        """Whether this browser is signed in to another account than the link is about."""
        return self.account is not None and identity.is_another(self.account)

    @property
    def whose(self) -> str:
        """Whose password it is, at the beginning of a sentence."""
        return f"{self.account.name}'s" if self.account and self.is_foreign else "Your"

    @property
    def done_words(self) -> str:
        """What is so once the new password is set."""
        erased = self.account is not None and self.account.erase_at is not None
        if self.is_foreign:
            done = f"{self.whose} password is changed, and every device of that account is signed out."
            return f"{done} {FOREIGN_STILL_ERASED}" if erased else done
        return f"{CHANGED} {STILL_ERASED}" if erased else CHANGED
