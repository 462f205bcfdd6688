"""Where an address is, told by a file in MaxMind's format that the operator may provide; without one nobody knows.

A place is a help for people, and no proof: networks move, and a company or a phone company has its addresses somewhere
else than its people. The file is mapped into memory and not read, so all processes share it. It may be replaced by
moving another one over it (never by writing into it), which is then used from the next start on.
"""

import logging
from collections.abc import Mapping

from maxminddb import InvalidDatabaseError, Reader, open_database

from .settings import Settings

log = logging.getLogger(__name__)

# The names of places are there in several languages; our pages are in this one.
LANGUAGE = "en"
# A line of a mail and a row of a table are made for it. Cities with their countries stay below.
LONGEST_PLACE = 100


class Places:
    """Names the places of addresses. Looking one up costs some microseconds and never waits for anybody."""

    def __init__(self, reader: Reader | None = None) -> None:
        self._reader = reader

    def place_of(self, address: str) -> str:
        """Return where the address is, such as ``Berlin, Germany``; empty where that is not known. Never raises."""
        if self._reader is None:
            return ""
        try:
            found = self._reader.get(address)
        except (ValueError, TypeError):
            # No address, or one of IPv6 while the file knows IPv4 alone, or the file was closed.
            return ""
        except InvalidDatabaseError as error:
            log.warning("The file of GEOIP_DB is damaged: %s", error)
            return ""
        return _place(found)[:LONGEST_PLACE]

    def close(self) -> None:
        """Let go of the file."""
        if self._reader is not None:
            self._reader.close()


def open_places(settings: Settings) -> Places:
    """Open the file that the settings name, if they name one; ``settings`` has made sure that it can be read."""
    return Places(open_database(settings.geoip_db) if settings.geoip_db else None)


def _place(record: object) -> str:
    city, country = _name(record, "city"), _name(record, "country")
    # Singapore is both.
    return ", ".join(dict.fromkeys(name for name in (city, country) if name))


def _name(record: object, kind: str) -> str:
    name = _at(_at(_at(record, kind), "names"), LANGUAGE)
    return name if isinstance(name, str) else ""


def _at(record: object, key: str) -> object:
    return record.get(key) if isinstance(record, Mapping) else None
