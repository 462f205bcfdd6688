"""The three kinds of callers, and answering each in its own way.

A browser page, an htmx request, and a client that accepts only JSON get the same decisions from the same handlers;
only the form of the answer differs.
"""

from enum import Enum, auto
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from quart import Response, json, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from . import htmx

PROBLEM_TYPE = "application/problem+json"
JSON_TYPES = {"application/json", PROBLEM_TYPE}
PAGE_TYPES = {"text/html", "application/xhtml+xml"}


class Face(Enum):
    """Who is asking."""

    PAGE = auto()
    HTMX = auto()
    JSON = auto()


def face() -> Face:
    """Tell which kind of caller this request comes from."""
    if htmx.is_htmx():
        return Face.HTMX
    return Face.JSON if _only_json() else Face.PAGE


def _only_json() -> bool:
    headers = request.headers
    return _only_json_by(headers.get("Accept", ""), headers.get("Content-Type", ""))


# A kind of browser sends the same two each time, and to take them apart is 25 us a page. A header has at most 16 KB.
@lru_cache(maxsize=64)
def _only_json_by(accept: str, content_type: str) -> bool:
    # Parameters, such as a charset, and capitals do not make another type.
    offered = parse_accept_header(accept, MIMEAccept)
    accepted = {kind.partition(";")[0].lower() for kind, quality in offered if quality > 0}
    if accepted & PAGE_TYPES:
        return False
    # Who writes JSON and does not say what to answer in is not a browser.
    return bool(accepted & JSON_TYPES) or parse_options_header(content_type)[0].lower() == "application/json"


def go(path: str, data: dict[str, Any] | None = None, status: int = HTTPStatus.OK) -> Response:
    """Answer a request that was done: pages go on to the local ``path``, JSON clients get ``data`` and ``status``."""
    if face() is Face.JSON:
        return as_json({} if data is None else data, status)
    return lead_to(path)


def lead_to(path: str, htmx_status: int = HTTPStatus.OK) -> Response:
    """Send the window to the local ``path``: a browser by 303, htmx by its header on an answer of ``htmx_status``."""
    return htmx.redirect_to(path, htmx_status) if face() is Face.HTMX else see_other(path)


def see_other(path: str) -> Response:
    """Send a browser to the local ``path`` with a GET (303)."""
    return Response(b"", HTTPStatus.SEE_OTHER, {"Location": path}, content_type="text/html; charset=utf-8")


def as_json(data: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    """Answer with JSON."""
    return Response(json.dumps(data), status, content_type="application/json")


def problem(status: int, title: str, detail: str, **members: Any) -> Response:
    """Answer with a problem document (RFC 9457); ``members`` are its extension members."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    return Response(json.dumps(body), status, content_type=PROBLEM_TYPE)
