import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.sessions.token import Token, is_public_id, new_public_id

ACCOUNT = "A" * 22
TOKEN = f"{ACCOUNT}.{'b' * 22}.{'-' * 43}"


def test_new_token_has_a_public_id_and_a_secret_of_its_own():
    one, other = Token.new(ACCOUNT), Token.new(ACCOUNT)

    assert one.account_id == other.account_id == ACCOUNT
    assert one.session_id != other.session_id
    assert one.secret != other.secret
    # 128 and 256 bits in base64url.
    assert len(one.session_id) == 22
    assert len(one.secret) == 43


def test_token_written_and_read_back_is_the_same():
    token = Token.new(new_public_id())

    assert Token.parse(str(token)) == token


def test_token_for_what_is_no_public_id_is_refused():
    with pytest.raises(ValueError, match="not a public id"):
        Token.new("1")


def test_hash_is_sha_256_in_43_characters():
    token = Token.parse(TOKEN)

    assert token is not None
    # printf %043d 0 | tr 0 - | openssl dgst -sha256 -binary | basenc --base64url
    assert token.secret_hash == "SghIh5ThtV7vwfawQoT99pGX-bRf_QZ4b9J1bdUUzIQ"


def test_secret_shows_in_no_repr():
    token = Token.new(ACCOUNT)

    assert token.secret not in repr(token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN + "\n",
        "\n" + TOKEN,
        TOKEN + "." + TOKEN,
        TOKEN.replace(".", ":"),
        TOKEN.replace("b", "é"),
        TOKEN.replace("b", "٣"),
        TOKEN.replace("b", "}"),
        TOKEN.replace("b", "\0"),
        TOKEN.replace("-", "="),
        TOKEN * 1000,
    ],
)
def test_text_that_is_nearly_a_token_is_none(text: str):
    assert Token.parse(text) is None


@given(st.text())
@example("\ud800")
def test_any_text_is_read_as_nothing_or_as_exactly_itself(text: str):
    token = Token.parse(text)

    assert token is None or str(token) == text


@given(st.from_regex(r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", fullmatch=True))
def test_everything_of_the_right_form_is_read(text: str):
    assert str(Token.parse(text)) == text


@given(st.text(max_size=30))
def test_public_id_is_safe_in_a_key_and_in_an_address(text: str):
    assert is_public_id(text) == bool(re.fullmatch(r"[A-Za-z0-9_-]{22}", text, re.ASCII) and "\n" not in text)
