"""Why a session ended, in words: to the browser that it was in, and in the history."""

from typing import get_args

import pytest

from webapp.sessions.model import Reason
from webapp.web import endings
from webapp.web.telling import DONE_HERE

# 20 November 2026, 14:02 UTC.
AT = 1795183320
REASONS: tuple[str, ...] = get_args(Reason)
WHOLE = {"by": "Firefox on Windows", "after": "3600"}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("rest", [{}, WHOLE])
def test_every_reason_has_words_for_the_history(reason: str, rest: dict[str, str]):
    line = endings.line({"reason": reason, **rest})
    assert line[0].isupper()
    assert "{" not in line
    assert (line == "Ended") == (reason == "unknown")


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason not in DONE_HERE])
@pytest.mark.parametrize("rest", [{}, WHOLE])
def test_every_reason_that_is_told_has_a_sentence_with_the_moment(reason: str, rest: dict[str, str]):
    sentence = endings.sentence({"reason": reason, **rest}, AT)
    start = "You were signed out here on 20 November 2026, 14:02 UTC"
    assert sentence.startswith(start)
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert (sentence == f"{start}.") == (reason == "unknown")


def test_device_and_length_of_time_stand_where_they_are_known():
    elsewhere, idle = {"reason": "elsewhere", "by": "Kitchen"}, {"reason": "idle", "after": "5400"}
    assert endings.line(elsewhere) == "Signed out from Kitchen"
    assert endings.line({"reason": "elsewhere"}) == "Signed out from another device"
    assert endings.line(idle) == "Ended after 1 hour and 30 minutes without use"
    assert endings.sentence(elsewhere) == "You were signed out here, from Kitchen."
    assert endings.sentence(idle) == "You were signed out here: this sign-in was not used for 1 hour and 30 minutes."


@pytest.mark.parametrize("after", ["", "0", "-1", "soon", "²"])
def test_length_of_time_that_is_none_is_left_out(after: str):
    assert endings.line({"reason": "idle", "after": after}) == "Ended after too long without use"


def test_device_with_braces_in_its_name_is_not_read_as_a_pattern():
    assert endings.line({"reason": "elsewhere", "by": "{after.__class__}"}) == "Signed out from {after.__class__}"


@pytest.mark.parametrize("details", [{}, {"reason": "a reason of the next version"}])
def test_reason_without_words_says_only_that_it_ended(details: dict[str, str]):
    assert endings.line(details) == "Ended"
    assert endings.sentence(details) == "You were signed out here."
