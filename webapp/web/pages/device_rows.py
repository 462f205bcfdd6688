"""The lines of the device list: this device first, and earlier sign-ins of a browser under its last one."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from webapp.places import Places
from webapp.sessions.model import Listing, Session
from webapp.web.forms.sessions import NameForm

# 96 bits: two lists of one account never look alike by chance.
DIGEST_BYTES = 12
# Who has not looked for a month has forgotten it, or lost the device.
UNUSED_SECONDS = 30 * 86400


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the list; ``name_form`` only where a new name was refused.

    ``earlier`` are those of the same browser that were seen before this one: it was closed without signing out, mostly.
    """

    session: Session
    current: bool
    place: str
    name_form: NameForm | None = None
    earlier: tuple["Row", ...] = ()

    @property
    def called(self) -> str:
        """What people call it."""
        return self.session.name or self.session.device.label

    @property
    def sign_ins(self) -> int:
        """How many sessions of the browser stand in it."""
        return 1 + len(self.earlier)

    @property
    def anchor(self) -> str:
        """The id of its line on the page."""
        return f"session-{self.session.id}"


@dataclass(frozen=True, slots=True)
class Rows:
    """The whole list, as its page shows it."""

    devices: tuple[Row, ...]
    now: int

    @classmethod
    def of(cls, listing: Listing, here: str, places: Places, refused: Mapping[str, NameForm] | None = None) -> "Rows":
        """Put the session ``here`` first, and leave the others as they come: the one seen last first."""
        forms = refused or {}
        ordered = sorted(listing.sessions, key=lambda each: each.id != here)
        rows = [Row(each, each.id == here, places.place_of(each.address), forms.get(each.id)) for each in ordered]
        return cls(tuple(_with_earlier(theirs) for theirs in _by_browser(rows)), listing.now)

    def __iter__(self) -> Iterator[Row]:
        for row in self.devices:
            yield row
            yield from row.earlier

    @property
    def others(self) -> int:
        """How many sessions there are besides this one."""
        return sum(not row.current for row in self)

    @property
    def all(self) -> int:
        """How many sessions there are."""
        return sum(row.sign_ins for row in self.devices)

    @property
    def noun(self) -> str:
        """What one of them is called: a browser that is signed in twice is no second device."""
        return "sign-in" if any(row.earlier for row in self.devices) else "device"

    @property
    def unused(self) -> int:
        """How many of the others have not been used for 30 days."""
        return sum(not row.current and self.now - row.session.seen > UNUSED_SECONDS for row in self)

    @property
    def digest(self) -> str:
        """A short text that is another one as soon as a session comes, goes, or gets another name.

        It gives nothing of them away, and stays when only the times on the list change, which they do with every visit.
        """
        named = sorted((row.session.id, row.session.name) for row in self)
        return hashlib.blake2b(json.dumps(named).encode(), digest_size=DIGEST_BYTES).hexdigest()

    def of_browser(self, browser: str) -> list[Row]:
        """Give the lines of a browser, under whatever names; none where it is not known, which is empty then."""
        return [row for row in self if browser and row.session.browser == browser]

    def after(self, ended: Collection[str]) -> Row | None:
        """Find the line that follows those that were ended."""
        rest = dropwhile(lambda row: row.session.id not in ended, self)
        return next((row for row in rest if row.session.id not in ended), None)

    def find(self, session_id: str) -> Row | None:
        """Find the line of a session."""
        return next((row for row in self if row.session.id == session_id), None)


def _by_browser(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Put together what one browser has, as it is known by its cookie; each is in the place of the first of them."""
    found: dict[object, list[Row]] = {}
    for row in rows:
        session = row.session
        # A browser that calls itself another one is rather shown too often than hidden under a known one.
        same = (session.browser, session.device) if session.browser else session.id
        found.setdefault(same, []).append(row)
    return found.values()


def _with_earlier(rows: Sequence[Row]) -> Row:
    first, *earlier = rows
    return Row(first.session, first.current, first.place, first.name_form, tuple(earlier))
