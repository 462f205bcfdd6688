"""Forms of what is sensitive: they ask for the password in themselves, where it was not confirmed a moment ago."""

from http import HTTPStatus
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import PasswordField

from webapp.web.guards import confirmed_until

from .base import BaseForm


class ConfirmingForm(BaseForm):
    """A form whose own field takes the password, so that nothing else that was typed is lost by being asked for it.

    ``asks_password`` says whether the template shows that field; ``refusal`` is the status with which the form comes
    back. ``webapp.web.confirming.password_given`` decides both.
    """

    password = PasswordField("Your password")

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: Any) -> None:
        super().__init__(formdata, **values)
        # A page may hold several of these forms, and an id only once.
        self.password.id = f"{self.template.rpartition('/')[2]}-password"
        self.asks_password = confirmed_until() is None
        self.refusal = HTTPStatus.UNPROCESSABLE_ENTITY
