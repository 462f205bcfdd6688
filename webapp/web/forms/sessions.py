"""A name of one's own for a device."""

from wtforms import Field, Form, StringField, ValidationError
from wtforms.validators import Optional

from webapp.sessions.service import LONGEST_NAME_BYTES

from .base import BaseForm, is_a_name, stripped


def fits_record(_: Form, field: Field) -> None:
    """Refuse a name that the session's record has no room for, and say how much of it would fit."""
    name = (field.data or "").encode()
    if len(name) > LONGEST_NAME_BYTES:
        fitting = len(name[:LONGEST_NAME_BYTES].decode(errors="ignore"))
        raise ValidationError(f"This name is too long; the first {fitting} characters of it would fit.")


class NameForm(BaseForm):
    """The name of a session; an empty one takes it away."""

    name = StringField("Name for this device", filters=[stripped], validators=[Optional(), is_a_name, fits_record])
