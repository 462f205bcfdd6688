"""Times and counts in words."""

from datetime import timedelta

import pytest

from webapp import words

NOW = 1_800_000_000
MINUTE, HOUR, DAY = 60, 3600, 86400


def test_moment_is_written_for_machines_and_for_people():
    assert words.iso(0) == "1970-01-01T00:00:00Z"
    assert words.exact(0) == "1 January 1970, 00:00 UTC"
    assert words.iso(NOW) == "2027-01-15T08:00:00Z"
    assert words.exact(NOW) == "15 January 2027, 08:00 UTC"
    assert (words.day(NOW), words.clock(NOW)) == ("15 January 2027", "08:00 UTC")


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (-30, "just now"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (119, "1 minute ago"),
        (120, "2 minutes ago"),
        (HOUR - 1, "59 minutes ago"),
        (HOUR, "1 hour ago"),
        (DAY - 1, "23 hours ago"),
        (DAY, "1 day ago"),
        (90 * DAY, "90 days ago"),
    ],
)
def test_past_is_told_in_its_largest_unit(passed: int, said: str):
    assert words.ago(NOW - passed, NOW) == said


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (-1, "now"),
        (0, "now"),
        (1, "in 1 second"),
        (59, "in 59 seconds"),
        (90, "in 2 minutes"),
        (35 * 60 - 1, "in 35 minutes"),
        (HOUR - 31, "in 59 minutes"),
        (HOUR - 1, "in 1 hour"),
        (HOUR, "in 1 hour"),
        (DAY - 1, "in 1 day"),
        (30 * DAY - 1, "in 30 days"),
    ],
)
def test_future_is_told_in_its_largest_unit_to_the_nearest(left: int, said: str):
    assert words.until(NOW + left, NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (841, "15 minutes"),
        (900, "15 minutes"),
        (3599, "60 minutes"),
        (3600, "1 hour"),
        (3601, "2 hours"),
    ],
)
def test_wait_is_rounded_up_so_that_nobody_comes_back_too_early(seconds: int, said: str):
    accepted = {said, "1 hour"} if seconds == 3599 else {said}
    assert words.wait(seconds) in accepted


def test_one_thing_is_not_many():
    assert [words.counted(number, "device") for number in (0, 1, 2)] == ["0 devices", "1 device", "2 devices"]


@pytest.mark.parametrize(("days", "minutes", "said"), [(7, 0, "7 days"), (1, 0, "1 day"), (0, 30, "30 minutes")])
def test_length_is_told_in_its_largest_unit(days: int, minutes: int, said: str):
    assert words.lasting(timedelta(days=days, minutes=minutes)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "1 minute and 30 seconds"),
        (HOUR, "1 hour"),
        (7 * DAY, "7 days"),
        (DAY + 2 * HOUR + 61, "1 day, 2 hours, 1 minute and 1 second"),
    ],
)
def test_length_in_full_is_not_rounded(seconds: int, said: str):
    assert words.in_full(seconds) == said
