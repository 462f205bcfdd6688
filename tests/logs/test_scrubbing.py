"""No secret stands in the log, whatever text it came in."""

import re
import secrets
import time

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from hypothesis import example, given
from hypothesis import strategies as st
from quart import Quart
from quart_auth import AuthUser, QuartAuth, login_user

from webapp.logs.scrubbing import CUT, MASK, READ_LENGTH, scrubbed, spellings
from webapp.sessions.token import Token, new_public_id

SURROUNDINGS = ["{}", "for {} now", "<{}>", "'{}'", '"{}"', "({})", "[{}, 1]", "a={}&b=1", "\n{}\n", "/{}/", "x: {}."]
# But for the host behind credentials, which stays.
LIKE_AN_ADDRESS = re.compile(r"(?<!://\*\*\*)(?<=[^\s@])(?:@|%40)\w")
SECONDS = 5.0

surrounded = pytest.mark.parametrize("around", SURROUNDINGS)


@surrounded
@pytest.mark.parametrize(
    "email",
    [
        "ada@example.test",
        "a.b+c_d-e@mail.example.test",
        "o'brien@example.test",
        '"ada lovelace"@example.test',
        "ada%40example.test",
        "ädä@exämple.test",
        "ada@[192.0.2.1]",
        "a" * 64 + "@example.test",
    ],
)
def test_mail_address_is_masked(email: str, around: str) -> None:
    shown = scrubbed(around.format(email))
    assert email not in shown
    assert "ada" not in shown
    assert MASK in shown


@given(st.emails(), st.sampled_from(SURROUNDINGS))
def test_no_mail_address_is_left(email: str, around: str) -> None:
    shown = scrubbed(around.format(email))
    assert email not in shown
    assert email.rpartition("@")[2] not in shown


@surrounded
def test_password_hash_is_masked(around: str) -> None:
    stored = PasswordHasher.from_parameters(CHEAPEST).hash("seven purple lanterns")
    shown = scrubbed(around.format(stored))
    assert not [part for part in stored.split("$") if len(part) > 8 and part in shown]


@surrounded
def test_secret_of_a_session_is_masked(around: str) -> None:
    for _ in range(200):
        token = Token.new(new_public_id())
        for secret in (token.secret, token.secret_hash, secrets.token_hex(20), secrets.token_urlsafe(32)):
            assert secret not in scrubbed(around.format(secret))
        assert token.secret not in scrubbed(around.format(token))


@surrounded
async def test_cookie_of_quart_auth_is_masked_with_its_signature(around: str) -> None:
    app = Quart(__name__)
    app.secret_key = "0" * 32
    auth = QuartAuth(app, cookie_secure=False)
    async with app.test_request_context("/"):
        login_user(AuthUser(str(Token.new(new_public_id()))))
        cookie = auth.dump_token(str(Token.new(new_public_id())))
    shown = scrubbed(around.format(cookie))
    assert not [part for part in cookie.split(".") if len(part) > 8 and part in shown]


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: __Host-session=short; theme=dark",
        "{'set-cookie': 'visitor=short; Path=/'}",
        "[(b'cookie', b'__Host-visitor=short')]",
        "session=short",
        "Authorization: Basic short",
        '{"authorization": "Bearer short"}',
    ],
)
def test_cookies_and_credentials_are_masked_however_short(text: str) -> None:
    assert "short" not in scrubbed(text)


@pytest.mark.parametrize(
    "text",
    [
        "password=purple",
        "new_password: purple lanterns"[:20],
        "{'password': 'purple \\'lanterns\\'', 'b': 1}",
        '{"password_again":"purple"}',
        "[('email', 'x'), ('password', 'purple lanterns')]",
        "LoginForm(password='purple lanterns')",
        "b'email=a&password=purple&remember=y'",
        "PASSWD=purple",
        "SECRET_KEY=purple",
        "csrf_token=purple",
    ],
)
def test_what_is_called_a_password_or_secret_is_masked(text: str) -> None:
    assert "purple" not in scrubbed(text)
    assert "lanterns" not in scrubbed(text)


@surrounded
@pytest.mark.parametrize("prefix", ["/reset/", "/confirm-email/", "/restore-email/", "/not-me/", "/Reset%2F"])
@pytest.mark.parametrize("token", ["telltale", "telltale.telltale", "tell/tale-tale", "telltale" * 5000])
def test_link_from_a_mail_is_masked_in_any_text_however_short_or_long_it_is(
    prefix: str, token: str, around: str
) -> None:
    for text in (f"{prefix}{token}", f"https://gatehouse.test{prefix}{token}"):
        shown = scrubbed(around.format(text))
        assert "tale" not in shown
        assert prefix in shown or len(text) > READ_LENGTH


def test_text_around_a_link_from_a_mail_stays() -> None:
    assert scrubbed("GET /reset/abc from /login, 'x'") == f"GET /reset/{MASK} from /login, 'x'"
    assert scrubbed("see /resettle, /confirm and /settings/email") == "see /resettle, /confirm and /settings/email"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("connecting to redis://:s3cret@host:6379/0", "connecting to redis://***@host:6379/0"),
        ("rediss://default:p%40ss@h,x", "rediss://***@h,x"),
        (
            "postgresql+psycopg://u:p@db.test/name?sslmode=require",
            "postgresql+psycopg://***@db.test/name?sslmode=require",
        ),
        ("https://user@host/", "https://***@host/"),
        ("see https://example.test/a", "see https://example.test/a"),
    ],
)
def test_credentials_in_an_address_are_masked_and_the_host_stays(text: str, shown: str) -> None:
    assert scrubbed(text) == shown


def test_what_postgresql_quotes_of_a_row_is_masked() -> None:
    said = (
        '(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint "account_email_key"\n'
        "DETAIL:  Key (name)=(Ada Lovelace) already exists.\n[SQL: INSERT INTO account (id, email) VALUES (%s, %s)]"
    )
    shown = scrubbed(said)
    assert "Ada" not in shown
    assert "account_email_key" in shown
    assert "INSERT INTO account (id, email)" in shown


@pytest.mark.parametrize(
    "text",
    [
        "GET /settings/sessions/AbCdEfGhIjKlMnOpQrStUv/end 200 12 ms",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        'File "sqlalchemy/engine/default.py", line 952, in do_execute_with_a_name_that_is_longer_than_a_secret_is',
        "@wraps(function)",
        "The password hash of account AbCdEfGhIjKlMnOpQrStUv keeps its old parameters: no.",
        "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused.",
        "X-Forwarded-For arrived from 2001:db8::1, which is outside TRUSTED_PROXY_NETWORKS, and was ignored.",
        "2026-11-21T08:40:12.123Z",
        "-" * 80,
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrubbed(text) == text


@given(st.text() | st.text("ab@%40:/.\"'<[] "))
@example("ada@mail@example.test")
@example("'://@ada@example.test")
@example('ada%40"mail"@example.test')
def test_nothing_like_an_address_is_left_of_any_text(text: str) -> None:
    assert not LIKE_AN_ADDRESS.search(scrubbed(text))


def test_known_secret_is_masked_as_it_is_and_as_python_quotes_it() -> None:
    known = spellings("seven \"purple\" 'lanterns' \n")
    for text in ("seven \"purple\" 'lanterns' \n", repr("seven \"purple\" 'lanterns' \n")):
        assert "purple" not in scrubbed(f"they sent {text}!", known)


def test_longer_of_two_known_secrets_leaves_no_rest() -> None:
    assert scrubbed("x purple lanterns", ["purple l", "purple lanterns"]) == f"x {MASK}"


def test_short_words_are_no_secrets_that_would_blank_a_line() -> None:
    assert spellings("server") == set()


@pytest.mark.parametrize("filling", [" ", "/", "word "])
def test_cuts_in_a_long_text_leave_no_half_of_a_secret(filling: str) -> None:
    secret = secrets.token_urlsafe(32)
    half, space = READ_LENGTH // 2, filling * READ_LENGTH
    for told in range(1, len(secret)):
        for text in (space[: half - told] + secret + space, space + secret + space[: half - told]):
            assert set(scrubbed(text)) == set(filling + CUT)


def test_end_of_a_long_text_is_kept() -> None:
    shown = scrubbed("first " + "word " * READ_LENGTH + "last")
    assert shown.startswith("first word")
    assert shown.endswith("word last")
    assert len(shown) < READ_LENGTH


@pytest.mark.parametrize(
    "piece",
    [
        "@",
        "a",
        "a@",
        "%40",
        "://",
        "://a",
        "password=",
        'password="',
        "password='",
        "cookie:",
        "$argon2id$",
        '"',
        "a.",
        "-",
        "DETAIL:",
        "a'",
        "/reset/",
        "/confirm-email",
    ],
)
@pytest.mark.parametrize("end", ["", "@", "=", "@x", "'"])
def test_no_text_takes_long(piece: str, end: str) -> None:
    """All of them together take a second or two; a rule that is quadratic takes minutes for one."""
    text = piece * (READ_LENGTH // len(piece)) + end
    begun = time.process_time()
    scrubbed(text)
    assert time.process_time() - begun < SECONDS
