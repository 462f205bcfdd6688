"""What happened to one's account in the last 90 days: the newest first, in pages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from quart import Blueprint, Response, request

from webapp import words
from webapp.history import Event
from webapp.history.model import KEPT
from webapp.sessions.device import Device
from webapp.web import htmx, identity
from webapp.web.context import services
from webapp.web.faces import Face, as_json, face
from webapp.web.happenings import Saying, saying_of
from webapp.web.templating import fragment, page

from .data import event_data

PATH = "/settings/history"
blueprint = Blueprint("history", __name__, url_prefix=PATH)

# About four screens: most people's history is one page.
PAGE_LENGTH = 50
EPOCH, MICROSECOND = datetime.fromtimestamp(0, UTC), timedelta(microseconds=1)
# Where a page begins: the moment, in microseconds, and the id of the event before it. Sixteen digits are the year 2286.
CURSOR = re.compile(r"([0-9]{1,16})\.([A-Za-z0-9_:-]{1,64})")


@dataclass(frozen=True, slots=True)
class Place:
    """The last event before a page."""

    at: datetime
    id: str

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Read it from an address; None for what is none, so that whoever bends one begins with the newest."""
        found = CURSOR.fullmatch(text)
        return cls(EPOCH + int(found[1]) * MICROSECOND, found[2]) if found else None

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.id}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line; ``device`` is empty where no browser had a part in it."""

    event: Event
    saying: Saying
    at: int
    device: str
    current: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day; ``continued`` where the page before has some of it already."""

    words: str
    continued: bool
    rows: tuple[Row, ...]


@blueprint.get("")
async def history() -> Response:
    """Show a page of the history: the newest of it, or what lies ``from`` a place on."""
    before = Place.read(request.args.get("from", ""))
    after = (before.at, before.id) if before else None
    found = await services().history.page(identity.signed_in().account.id, PAGE_LENGTH + 1, after)
    events = found[:PAGE_LENGTH]
    older = Place(events[-1].at, events[-1].id) if len(found) > PAGE_LENGTH else None
    if face() is Face.JSON:
        following = f"{PATH}?from={older}" if older else None
        return as_json(
            {
                "events": [event_data(row.event, row.saying.text, current=row.current) for row in _rows(events)],
                "older": following,
            }
        )
    return _show(_days(_rows(events), before), before, older)


def _show(days: list[Day], before: Place | None, older: Place | None) -> Response:
    context = {"days": days, "before": before, "older": older, "kept": words.lasting(KEPT)}
    if htmx.wants_fragment():
        return fragment("settings/_history.html", **context)
    return page("settings/history.html", **context)


def _rows(events: Iterable[Event]) -> list[Row]:
    here = identity.signed_in().session.id
    return [
        Row(
            event=event,
            saying=saying_of(event),
            at=int(event.at.timestamp()),
            device=Device.decode(event.origin.device).label if event.origin.device else "",
            current=event.origin.session_id == here,
        )
        for event in events
    ]


def _days(rows: Iterable[Row], before: Place | None) -> list[Day]:
    told = words.day(int(before.at.timestamp())) if before else ""
    return [Day(day, day == told, tuple(theirs)) for day, theirs in groupby(rows, lambda row: words.day(row.at))]
