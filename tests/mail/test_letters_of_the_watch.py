"""The letters about sessions and about tries to get in."""

import re

import pytest
from mail_entries import NOW, PUBLIC_URL, TOKEN, values_of

from webapp.mail.letters import Letter, Letters

LETTER = Letters(PUBLIC_URL)
LINK = f"{PUBLIC_URL}/reset/{TOKEN}"
RIGHT_TO_LEFT = "שרה כהן"


def written(letter: str, /, **changes: str) -> Letter:
    return LETTER.write(letter, values_of(letter, **changes), NOW)


def words_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize("name", ["new-sign-in", "used-in-two-places"])
def test_letter_about_a_session_tells_its_device_and_its_place_if_that_is_known(name: str):
    known, unknown = written(name), written(name, place="")
    for said in (known.text, words_of(known.html)):
        assert "Device: Firefox on Linux" in said
        assert re.search(r"Where[a-z ]*: Berlin, Germany", said)
    for said in (unknown.text, words_of(unknown.html)):
        assert "Device: Firefox on Linux" in said
        assert "Where" not in said


@pytest.mark.parametrize("device", ["evil.test", "Firefox on www", "me@evil", "https://x", "a/b", "Firefox on a\\b"])
def test_device_that_is_a_message_is_not_carried_to_anybody(device: str):
    letter = written("new-sign-in", device=device)
    assert device not in letter.text + letter.html
    assert "Device: A program" in letter.text


@pytest.mark.parametrize("device", ["Chrome on SM-G9980", "Chrome on 23049PCD8G", "Safari on iPhone", "curl"])
def test_device_is_called_what_it_calls_itself(device: str):
    letter = written("new-sign-in", device=device)
    assert f"Device: {device}" in letter.text
    assert f"<bdi>{device}</bdi>" in letter.html


@pytest.mark.parametrize("device", ["Chrome on Call 1 800 555 0199", "Dial-08005550199", "Firefox on 1234567"])
def test_device_with_as_many_digits_as_a_telephone_number_is_not_named(device: str):
    assert "Device: A program" in written("new-sign-in", device=device).text
    assert "Where: A program, 203.0.113.7" in written("password-changed", where=f"{device}, 203.0.113.7").text


@pytest.mark.parametrize(
    ("device", "plain"),
    [
        ("Firefox on Linux", "Firefox on Linux"),
        ("Edge on Windows 11", "Edge on Windows 11"),
        ("Safari on macOS 15", "Safari on macOS 15"),
        ("Chrome on Pixel 8", "Chrome"),
        ("Chrome on Your bank called", "Chrome"),
        ("Safari on macOS 15 and more", "Safari"),
        ("Unknown browser", "Unknown browser"),
        ("Urgent on Linux", "A program"),
        ("curl", "A program"),
    ],
)
def test_address_that_nobody_has_proven_is_told_of_devices_in_our_own_words_alone(device: str, plain: str):
    told = written("new-sign-in", device=device, name="")
    changed = written("password-changed", where=f"{device}, 2001:db8::7", name="")
    assert f"Device: {plain}\n" in told.text
    assert f"Where: {plain}, 2001:db8::7\n" in changed.text
    assert f"<bdi>{plain}</bdi>" in told.html
    assert f"<bdi>{plain}, 2001:db8::7</bdi>" in changed.html


def test_place_of_a_device_without_an_address_is_its_name():
    assert "Where: Firefox on Linux\n" in written("password-changed", where="Firefox on Linux", name="").text
    assert "Where: A program\n" in written("password-changed", where="Come, to evil.test", name="").text


def test_device_from_right_to_left_turns_nothing_around_it():
    letter = written("new-sign-in", device=RIGHT_TO_LEFT)
    assert f"Device: \u2068{RIGHT_TO_LEFT}\u2069" in letter.text


def test_question_whether_it_was_you_comes_with_one_link():
    letter = written("new-sign-in")
    for said in (letter.text, letter.html):
        assert "Was this you?" in said
        assert set(re.findall(rf"{PUBLIC_URL}[^\s<\"]*(?<![.,])", said)) == {LINK, PUBLIC_URL}


def test_letter_about_many_tries_says_how_many_and_that_nobody_is_locked_out():
    letter = written("many-failed-tries")
    for said in (" ".join(letter.text.split()), words_of(letter.html)):
        assert "with a wrong password 12 times" in said
        assert "your account is not locked" in said


def test_letter_about_the_limit_says_how_to_get_in():
    letter = written("tries-limit-reached")
    for said in (" ".join(letter.text.split()), words_of(letter.html)):
        assert "100 wrong passwords in a row" in said
        assert "Where you have signed in since you last changed your password, sign in as always" in said
        assert "Anywhere else, choose a new password first" in said
        assert "by itself 30 days after the last wrong password" in said
        assert f"{PUBLIC_URL}/login" in said
        assert f"{PUBLIC_URL}/forgot" in said
