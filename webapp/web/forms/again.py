"""Signing in where a session is over: anew on its own page, or over the page that one was on."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from webapp.web.visitor import Notice

from .account import LoginForm


class EndedForm(LoginForm):
    """The sign-in form below the words ``why`` the session is over, which may be empty."""

    template = "account/login"
    page_template = "account/ended"
    why = Notice("info", "")

    def context(self) -> dict[str, Any]:
        """Return the words for the page; what is to be told once is left to the tab that somebody acts in.

        A sign-out turns the others at the same moment.
        """
        return {"why": self.why, "notices": []}


class AgainForm(LoginForm):
    """The password once more, over a page that was made in ``session`` of ``account``; both are public ids.

    The page knows them and the email, and puts them into the form.
    """

    template = "account/again"

    account = HiddenField()
    session = HiddenField()

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: Any) -> None:
        super().__init__(formdata, **values)
        # The page below may have fields of these names itself.
        self.email.id, self.password.id = "again-email", "again-password"
