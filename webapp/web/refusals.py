"""Small answers that need no application: what TrustedProxies says when it lets nothing pass.

No style sheet and no template, so that they work when nothing else does.
"""

import json
from dataclasses import dataclass
from html import escape

from .asgi import Header, Scope, Send

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main><h1>{title}</h1><p>{detail}</p></main></body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer: HTTP status, a title of a few words, one or two sentences for the person, further headers."""

    status: int
    title: str
    detail: str
    headers: tuple[Header, ...] = ()


async def refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    """Answer with ``refusal``: problem+json (RFC 9457) to a client that accepts only JSON, a page to all others."""
    if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or {}):
        # The server answers 403 in its own words then; ASGI has no other way.
        await send({"type": "websocket.close"})
        return
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    content_type, body = _as_json(refusal) if _wants_json(scope["headers"]) else _as_page(refusal)
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *refusal.headers]
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body, "more_body": False})


def _wants_json(headers: list[Header]) -> bool:
    accepted = b",".join(value for name, value in headers if name == b"accept").lower()
    return b"json" in accepted and b"html" not in accepted


def _as_json(refusal: Refusal) -> tuple[bytes, bytes]:
    problem = {"type": "about:blank", "title": refusal.title, "status": refusal.status, "detail": refusal.detail}
    return b"application/problem+json", json.dumps(problem).encode()


def _as_page(refusal: Refusal) -> tuple[bytes, bytes]:
    page = PAGE.format(title=escape(refusal.title), detail=escape(refusal.detail))
    return b"text/html; charset=utf-8", page.encode()
