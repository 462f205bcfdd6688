"""Entries of the kind ``mail`` as the outbox has them, with every value that their letters need."""

from datetime import UTC, datetime

from webapp.outbox import Entry

# The name of a mail server, and the address of a site.
NAME = "mail.gatehouse.test"
PUBLIC_URL = "https://gatehouse.test"
TO = "ada@example.test"
CREATED = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
NOW = int(CREATED.timestamp())
MINUTE, DAY = 60, 86400
TOKEN = "0aZ_-" * 8 + "xyz"

LETTERS: dict[str, dict[str, str]] = {
    "confirm-email": {"seed": "s", "hash": "h", "expires": str(NOW + 7 * DAY)},
    "reset-password": {"seed": "s", "hash": "h", "expires": str(NOW + 30 * MINUTE), "erase_at": ""},
    "password-changed": {"at": str(NOW), "where": "Firefox on Linux, 203.0.113.7", "reset": ""},
    "confirm-new-email": {"seed": "s", "hash": "h", "expires": str(NOW + DAY), "old": "a•••@example.test"},
    "email-changed": {
        "seed": "s",
        "hash": "h",
        "expires": str(NOW + 7 * DAY),
        "new": "m•••@elsewhere.test",
        "at": str(NOW),
    },
    "email-moved-back": {"old": "a•••@example.test", "at": str(NOW)},
    "erasure-cancelled": {"at": str(NOW)},
    "email-left": {"new": "m•••@elsewhere.test", "at": str(NOW)},
    "email-restored": {"seed": "s", "hash": "h", "expires": str(NOW + 30 * MINUTE)},
    "erasure-planned": {"erase_at": str(NOW + 7 * DAY)},
    "erasure-done": {},
    "new-sign-in": {
        "seed": "s",
        "hash": "h",
        "expires": str(NOW + 7 * DAY),
        "at": str(NOW),
        "device": "Firefox on Linux",
        "place": "Berlin, Germany",
    },
    "used-in-two-places": {"at": str(NOW), "device": "Firefox on Linux", "place": "Berlin, Germany"},
    "many-failed-tries": {"at": str(NOW), "tries": "12"},
    "tries-limit-reached": {"at": str(NOW), "tries": "100", "pause": "30 days"},
}


def values_of(letter: str, /, **changes: str) -> dict[str, str]:
    """Give what the templates of a letter get."""
    return {"name": "Ada", "link": f"{PUBLIC_URL}/reset/{TOKEN}", **LETTERS[letter], **changes}


def entry_of(letter: str, to: str = TO, /, **changes: str) -> Entry:
    """Give an entry; each has an id of its own."""
    body = {"letter": letter, "to": to, "name": "Ada", **LETTERS[letter], **changes}
    return Entry("mail", None, body, due=CREATED, until=CREATED, created=CREATED)


def token_of(seed: str, hashed: str) -> str | None:
    """Make the token of the entries above."""
    return TOKEN if (seed, hashed) == ("s", "h") else None
