"""What happened to an account, in a few words and with an icon each. Why a session ended, ``endings`` says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp import words
from webapp.history import Event

from .endings import line

# What operators do stands under this name, where a person's own acts have a device.
OPERATOR = "operator"
BY_OPERATOR = ", by an operator of this site"
# A history may hold what a later version has written, after a rollback.
NO_WORDS = "Something that this version has no words for"
# Endings that somebody else has had a hand in.
ALARMING = frozenset({"two-places", "not-me"})

Details = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Saying:
    """How a happening is told; ``alarming`` ones are worth a second look."""

    icon: str
    text: str
    alarming: bool = False


def saying_of(event: Event) -> Saying:
    """Say what happened."""
    if event.kind == "ended":
        alarming = event.details.get("reason", "") in ALARMING
        return Saying("warning" if alarming else "leave", line(event.details), alarming)
    icon, say, alarming = SAYINGS.get(event.kind, ("unknown", _plain(NO_WORDS), False))
    by = BY_OPERATOR if event.details.get("by") == OPERATOR else ""
    return Saying(icon, say(event.details) + by, alarming)


def _plain(text: str) -> Callable[[Details], str]:
    return lambda _: text


def _signed_in(details: Details) -> str:
    return "Account created" if details.get("method") == "registration" else "Signed in"


def _failed(details: Details) -> str:
    count = details.get("count", "")
    return words.counted(int(count) if count.isdecimal() else 1, "wrong password")


def _renamed(details: Details) -> str:
    device, name = details.get("device") or "Device", details.get("name")
    return f"{device} renamed to {name}" if name else f"Own name of {device} taken away"


def _called(details: Details) -> str:
    name = details.get("name")
    return f"Name changed to {name}" if name else "Name changed"


def _password(details: Details) -> str:
    return "Password changed by a link from a mail" if details.get("how") == "reset" else "Password changed"


def _email(details: Details) -> str:
    before, after = details.get("from"), details.get("to")
    return f"Email changed from {before} to {after}" if before and after else "Email changed"


def _not_me(details: Details) -> str:
    return f"“It was not me”, said of a sign-in from {details.get('device') or 'another device'}"


SAYINGS: Mapping[str, tuple[str, Callable[[Details], str], bool]] = {
    "signed-in": ("enter", _signed_in, False),
    "failed": ("warning", _failed, False),
    "not-me": ("warning", _not_me, True),
    "device-renamed": ("pencil", _renamed, False),
    "name-changed": ("pencil", _called, False),
    "password-changed": ("key", _password, False),
    "email-changed": ("mail", _email, False),
    "email-restored": ("mail", _plain("Former email brought back"), False),
    "erasure-planned": ("info", _plain("Erasing the account was planned"), False),
    "erasure-cancelled": ("info", _plain("Erasing the account was cancelled"), False),
}
