"""Lengths of time are told exactly."""

import pytest

from webapp.personal_data import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "1 minute and 30 seconds"),
        (3600, "1 hour"),
        (86400 * 7, "7 days"),
        (86400 + 3600 * 2 + 61, "1 day, 2 hours, 1 minute and 1 second"),
    ],
)
def test_length_is_told_without_rounding(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
