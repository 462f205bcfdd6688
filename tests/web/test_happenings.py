"""What the history says, for each kind of happening."""

from typing import get_args

import pytest

from webapp.history import Event
from webapp.history.model import Kind, now
from webapp.sessions.model import Reason
from webapp.web.happenings import ALARMING, NO_WORDS, saying_of
from webapp.words import in_full

SAID = [
    ("signed-in", {"method": "password"}, "Signed in"),
    ("signed-in", {"method": "registration"}, "Account created"),
    ("failed", {"count": "3"}, "3 wrong passwords"),
    ("failed", {"count": "1"}, "1 wrong password"),
    ("failed", {"count": "many"}, "1 wrong password"),
    ("ended", {"reason": "elsewhere", "by": "Kitchen"}, "Signed out from Kitchen"),
    ("ended", {"reason": "idle", "after": "3600"}, f"Ended after {in_full(3600)} without use"),
    ("not-me", {"device": "Chrome on Android"}, "“It was not me”, said of a sign-in from Chrome on Android"),
    ("device-renamed", {"device": "Safari on iPhone", "name": "Kitchen"}, "Safari on iPhone renamed to Kitchen"),
    ("device-renamed", {"device": "Safari on iPhone"}, "Own name of Safari on iPhone taken away"),
    ("name-changed", {"name": "Ada"}, "Name changed to Ada"),
    ("password-changed", {}, "Password changed"),
    ("password-changed", {"how": "reset"}, "Password changed by a link from a mail"),
    ("email-changed", {"from": "a…@x.test", "to": "b…@y.test"}, "Email changed from a…@x.test to b…@y.test"),
    ("email-changed", {}, "Email changed"),
    ("erasure-planned", {"by": "operator"}, "Erasing the account was planned, by an operator of this site"),
]


def happened(kind: str, details: dict[str, str] | None = None) -> Event:
    return Event(kind, "account", now(), details=details or {})  # type: ignore[arg-type]  # A later version has others.


@pytest.mark.parametrize(("kind", "details", "said"), SAID)
def test_happening_is_told_in_a_few_words(kind: str, details: dict[str, str], said: str):
    assert saying_of(happened(kind, details)).text == said


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_words_and_an_icon_even_without_details(kind: str):
    saying = saying_of(happened(kind))
    assert saying.text != NO_WORDS
    assert saying.icon != "unknown"


@pytest.mark.parametrize("reason", get_args(Reason))
def test_only_an_end_that_somebody_else_has_a_hand_in_alarms(reason: str):
    saying = saying_of(happened("ended", {"reason": reason}))
    assert saying.alarming is (reason in {"two-places", "not-me"})
    assert set(get_args(Reason)) >= ALARMING


def test_what_a_later_version_has_written_is_told_without_words_of_its_own():
    assert saying_of(happened("passkey-added")).text == NO_WORDS
