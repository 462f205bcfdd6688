"""The stream of events that every page of somebody signed in holds: what happens to its session reaches it at once.

It is nobody's activity: no session lives longer for it, and none is renewed by it.
"""

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

from quart import Blueprint, Response, copy_current_request_context, request

from webapp import deadline
from webapp.errors import StoreUnavailable
from webapp.logs.requests import note_account
from webapp.sessions.token import Token
from webapp.streams.model import Closed, Ending, Event, Here, Listed, Sight, Staying
from webapp.streams.stream import Stream
from webapp.web import csrf, event_stream, htmx
from webapp.web.bodies import refuse_body
from webapp.web.client import client_address
from webapp.web.context import services, settings
from webapp.web.faces import lead_to
from webapp.web.guards import public
from webapp.web.identity import claimed_token
from webapp.web.onlooking import Onlooker
from webapp.web.redirects import HOME
from webapp.web.templating import piece

from .device_rows import Rows
from .sessions import render_list

T = TypeVar("T")

blueprint = Blueprint("session_events", __name__)

HERE, CLOSED = "session-here", "session-close"
# Where the pieces go.
LIST, NOTICE = "#sessions", "#session-ending"
# Milliseconds after which a browser comes back: spread, or a server that has restarted would meet all of them at once.
BACK_SOONEST, BACK_LATEST = 1000, 5000
# Seconds after which one that found no room may try again.
ROOM_AGAIN = 60
# Seconds after which a list is asked for again, where Redis did not answer.
LIST_AGAIN = 15


@blueprint.get("/session/events")
@public
async def events() -> Response:
    """Say what happens to this browser's session for as long as the page is looked at."""
    csrf.check_origin()
    if event_stream.KIND not in request.accept_mimetypes.values():
        # Somebody typed the address.
        return lead_to(HOME)
    # Nobody would read it, and the stream would hold it.
    refuse_body()
    token = claimed_token()
    if token is None or request.method == "HEAD":
        return event_stream.finished(event_stream.event(CLOSED, "ended"))
    hub = services().streams
    if hub.is_full:
        # Nothing for the page: it goes on without, and hears of everything with its next request.
        return Response("", HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(ROOM_AGAIN)}, content_type="text/plain")
    listed = request.args.get("list")
    page = Page(token, event_stream.last_number() or listed or "")
    look = Onlooker(services().sessions, token, client_address(), settings().session_touch)
    held = hub.opened(token.account_id, token.session_id, look, lists=listed is not None)
    # What was needed of them is known by now, and the request is held for hours: a fifth of what a stream takes.
    request.headers.clear()
    return event_stream.answer(page.told, held)


def facts_of(account_id: str, session_id: str, csrf_token: str, *, shared: bool) -> dict[str, str]:
    """Say which session a page is in by now, as session.js hears it; ``csrf_token`` is that of its forms."""
    return {"account": account_id, "session": session_id, "csrf": csrf_token, "shared": "y" if shared else ""}


class Page:
    """One open page of the session that ``token`` names; ``digest`` is that of the list on it."""

    __slots__ = ("_as_for_request", "_csrf_token", "_digest", "_token")

    def __init__(self, token: Token, digest: str) -> None:
        self._token = token
        self._csrf_token = csrf.session_token(token.session_id)
        self._digest = digest
        # The request is answered by then, but pieces of its page are still made as for it.
        self._as_for_request = copy_current_request_context(_do)

    async def told(self, stream: Stream) -> AsyncIterator[bytes]:
        """Write what the stream says; at once that it is open, whatever Redis does."""
        yield event_stream.COMMENT
        async for event in stream:
            if written := await self._written(event, stream):
                yield written

    async def _written(self, event: Event, stream: Stream) -> bytes:
        match event:
            case Here(shared):
                return self._here(shared=shared)
            case Listed():
                return await self._list(stream)
            case Ending(sight):
                return event_stream.message(await self._as_for_request(_notice_of, sight))
            case Staying():
                return event_stream.message(_notice(""))
            case Closed(why):
                return event_stream.event(CLOSED, why)

    async def _list(self, stream: Stream) -> bytes:
        """Give the list where it is another one than on the page."""
        deadline.begin()
        try:
            rows = await self._as_for_request(_rows_of, self._token)
        except (StoreUnavailable, TimeoutError):
            stream.list_again(LIST_AGAIN)
            return b""
        if rows.digest == self._digest:
            return b""
        html, self._digest = await self._as_for_request(_list_of, rows), rows.digest
        return event_stream.message(htmx.partial(LIST, "outerMorph", html), number=rows.digest)

    def _here(self, *, shared: bool) -> bytes:
        # For the line in the log when the stream has ended.
        note_account(self._token.account_id)
        facts = facts_of(self._token.account_id, self._token.session_id, self._csrf_token, shared=shared)
        back = random.randint(BACK_SOONEST, BACK_LATEST)  # noqa: S311 -- nothing is secret.
        return event_stream.event(HERE, json.dumps(facts), retry=back)


async def _do(work: Callable[[T], Awaitable[Any]], subject: T) -> Any:  # noqa: ANN401 -- whatever the work gives.
    return await work(subject)


async def _rows_of(token: Token) -> Rows:
    return Rows.of(await services().sessions.list(token.account_id), token.session_id, services().places)


async def _list_of(rows: Rows) -> str:
    return render_list(rows)


async def _notice_of(sight: Sight) -> str:
    return _notice(piece("shared/_ending.html", sight=sight))


def _notice(html: str) -> str:
    # What is there already keeps the focus, and is not read out once more.
    return htmx.partial(NOTICE, "innerMorph", html)
