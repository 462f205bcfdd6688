"""One kind of thing that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from webapp import words

Place = Literal["database", "redis", "browser", "log", "mail"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept in one place under one name, in words for the person whom it is about.

    ``name`` is what it is called there: a table, a pattern of keys, a cookie. ``parts`` are its columns or fields, each
    with plain words; one in angle brackets is a part of the key, or all there is. ``until`` is a sentence with
    ``periods`` in it, by their names and in seconds.
    """

    place: Place
    name: str
    title: str
    parts: Mapping[str, str]
    why: str
    until: str
    periods: Mapping[str, int] = field(default_factory=dict)

    @property
    def how_long(self) -> str:
        """The sentence with its periods."""
        return self.until.format_map({name: words.in_full(seconds) for name, seconds in self.periods.items()})
