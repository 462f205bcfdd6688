"""The headers of htmx 4; no other file spells one.

Their meaning was read in the source of the vendored version.
"""

import json

from quart import Response, request

# htmx swaps what it gets into the element that asked; an error must not replace the list it came from.
NOTICES = "#notices"
# Within the <dialog> that every page of somebody signed in has; app.js opens it when something lands there.
OVER_PAGE = "#confirming-form"
# What holds the stream of events on such a page; session.js listens to it.
STREAM = "#session-stream"


def is_htmx() -> bool:
    """Whether htmx asks: it follows a plain redirect silently, so it has to be told by header."""
    return request.headers.get("HX-Request") == "true"


def wants_fragment() -> bool:
    """Whether a piece of a page is wanted; a history restore asks through htmx too, but for the whole page."""
    return is_htmx() and request.headers.get("HX-History-Restore-Request") != "true"


def current_url() -> str:
    """Return the address of the page that htmx stands on, as the browser tells it; not to be trusted."""
    return request.headers.get("HX-Current-URL", "")


def redirect_to(path: str, status: int) -> Response:
    """Send the whole browser window to ``path``, a local one; htmx obeys this on any status and swaps nothing."""
    response = Response(b"", status, content_type="text/html; charset=utf-8")
    response.headers["HX-Redirect"] = path
    return response


def show_in_notices(response: Response) -> Response:
    """Have a fragment land inside the page's notices, whatever element asked; the live region itself stays."""
    return _show_in(NOTICES, response)


def show_over_page(response: Response) -> Response:
    """Have a fragment appear over the page, which stays as it is below, with all that was typed."""
    return _show_in(OVER_PAGE, response)


def tell_page(response: Response, event: str, facts: dict[str, str]) -> Response:
    """Have the page that asked hear of ``event`` where it hears its stream, once the fragment is in its place."""
    response.headers["HX-Trigger"] = json.dumps({event: {"target": STREAM, **facts}})
    return response


def partial(target: str, swap: str, html: str) -> str:
    """Say within a message of a stream where a piece of the page goes, and how."""
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


def _show_in(place: str, response: Response) -> Response:
    response.headers["HX-Retarget"] = place
    response.headers["HX-Reswap"] = "innerHTML"
    return response
