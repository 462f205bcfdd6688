"""What was sent, as fields: an urlencoded form or a JSON object, read strictly and once.

Quart's own parser (0.22) takes any number of urlencoded fields and turns bad UTF-8 into an empty form; here both are
refused with a sentence. Forms and JSON give the same fields, so that the same handlers serve both.
"""

import json
from typing import cast
from urllib.parse import parse_qsl

from quart import g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from webapp import deadline
from webapp.logs.requests import keep_out

from .asgi import Scope
from .body_cap import body_too_large

# The largest form of ours has a handful; PHP, Django and Werkzeug's multipart parser draw the line here as well.
MAX_FIELDS = 1000

# Fields with one of these in their names hold what must never be logged, not even by a bug.
UNSPEAKABLE = ("password", "current", "new", "email", "token")

FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"
Fields = MultiDict[str, str]


def is_json() -> bool:
    """Whether the body claims to be JSON, which no other site can send without asking the browser first."""
    return request.mimetype == JSON_TYPE


async def read_fields() -> Fields:
    """Return the fields of the body; raises BadRequest, RequestEntityTooLarge or UnsupportedMediaType."""
    if "fields" not in g:
        fields = _parse_json(await _body()) if is_json() else _parse_form(await _body())
        keep_out(value for name, value in fields.items(multi=True) if any(part in name for part in UNSPEAKABLE))
        g.fields = fields
    return cast(Fields, g.fields)


def refuse_body() -> None:
    """Refuse a request that comes with a body; raises BadRequest."""
    # HTTP/1 announces every body by one of these.
    if request.headers.get("Content-Length", "0").strip("0") or "Transfer-Encoding" in request.headers:
        raise BadRequest("Send this request without a body.")


async def _body() -> bytes:
    _refuse_too_large()
    with deadline.paused():
        body = cast(bytes, await request.get_data(as_text=False))
    # Of a chunked body it is known only now.
    _refuse_too_large()
    if request.mimetype not in {FORM_TYPE, JSON_TYPE} and (body or request.mimetype):
        raise UnsupportedMediaType(f"Send {FORM_TYPE} or {JSON_TYPE}.")
    return body


def _refuse_too_large() -> None:
    if body_too_large(cast(Scope, request.scope)):
        raise RequestEntityTooLarge


def _parse_form(body: bytes) -> Fields:
    if body.count(b"&") >= MAX_FIELDS:
        raise RequestEntityTooLarge(f"The form has more than {MAX_FIELDS} fields.")
    try:
        return MultiDict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        raise BadRequest("The form is not encoded in UTF-8.") from None


def _parse_json(body: bytes) -> Fields:
    try:
        # RFC 8259 knows UTF-8 alone; of bytes the library would guess UTF-16 and UTF-32 as well.
        members = json.loads(body.decode() or "{}")
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(members, dict) or len(members) > MAX_FIELDS:
        raise BadRequest("The body is not one JSON object of fields.")
    fields: Fields = MultiDict()
    for name, value in members.items():
        if (text := _as_text(value)) is not None:
            fields.add(name, text)
    return fields


def _as_text(value: object) -> str | None:
    """Turn a JSON value into what a form would have sent; an unticked box and null are not sent at all."""
    match value:
        case None | False:
            return None
        case True:
            return "y"
        case int() | float():
            return str(value)
        case str() if _encodable(value):
            return value
    raise BadRequest("Each member has to be a text, a number, true, false or null.")


def _encodable(text: str) -> bool:
    # JSON can spell half a surrogate pair, which no database and no hash function takes.
    return not any("\ud800" <= character <= "\udfff" for character in text)
