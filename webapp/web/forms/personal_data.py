"""One's own data: a copy of it, and its end."""

from http import HTTPStatus
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, StringField, ValidationError
from wtforms.validators import InputRequired

from webapp import words
from webapp.accounts.owed import ERASURE_AFTER
from webapp.personal_data import describe_kept
from webapp.web.context import settings

from .base import stripped
from .confirming import ConfirmingForm

WORD = "ERASE"
MISSING = f"Please type {WORD}, so that nobody erases an account by mistake."


def is_the_word(_: Form, field: Field) -> None:
    """Check that the word was typed; phones begin it with a capital, and some people end it with none."""
    if (field.data or "").upper() != WORD:
        raise ValidationError(MISSING)


class DataForm(ConfirmingForm):
    """What both forms of the page have in common; each shows the other beside it."""

    def context(self) -> dict[str, Any]:
        """Give the page both forms, and what is kept."""
        return {
            "export_form": self if isinstance(self, ExportForm) else ExportForm(),
            "erase_form": self if isinstance(self, EraseForm) else EraseForm(),
            "kept": describe_kept(settings()),
            "erase_after": words.in_full(int(ERASURE_AFTER.total_seconds())),
        }


class ExportForm(DataForm):
    """A copy of everything."""

    template = "settings/export"
    page_template = "settings/data"


class EraseForm(DataForm):
    """The end of the account: a word, and the password in any case."""

    template = "settings/erase"
    page_template = "settings/data"

    word = StringField(f"Type the word {WORD}", filters=[stripped], validators=[InputRequired(MISSING), is_the_word])

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: Any) -> None:
        super().__init__(formdata, **values)
        self.asks_password = True
        self.refusal = HTTPStatus.UNPROCESSABLE_ENTITY
