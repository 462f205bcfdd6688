import asyncio
import time
from collections.abc import Iterator

import pytest
from account_world import PASSWORD
from gate import Gate
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from webapp.accounts import strength
from webapp.accounts.strength import PasswordRules
from webapp.errors import Busy

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=100)


@pytest.fixture(scope="module")
def rules() -> Iterator[PasswordRules]:
    rules = PasswordRules(8)
    yield rules
    rules.close()


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "Tq9#vLw2!x",
        "пароль из трёх слов",
        "日本語のパスワードです",
        "   spaces   around   it   ",
        "🐙🌶🚲🪐🧭🥁🪁🛶🧩",
        "Qz!mPf4w" * 32,
    ],
)
async def test_strong_password_of_any_characters_is_accepted(rules: PasswordRules, password: str) -> None:
    assert await rules.weakness(password, email="ada@example.com", name="Ada") is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 8 characters"),
        ("Tq9#vLw", "at least 8 characters"),
        ("e\u0301" * 7, "at least 8 characters"),
        ("Tq9#vLw2" * 32 + "x", "at most 256 characters"),
        ("Tq9#vLw2" * 100_000, "at most 256 characters"),
        ("Tq9#vLw2\ud800", "not valid text"),
        ("football", "common"),
        ("P@ssw0rd", "common"),
        ("iloveyou", "common"),
        ("aaaaaaaaaaaaaaaaaaaaaa", "Repeats"),
        ("qwertyuiop", "common"),
        ("abcdefghijkl", "Sequences"),
        ("passwordpassword1", "Repeats"),
        ("correct12", "could guess this"),
        ("1234567890!@", "similar to a common"),
        ("Password1234567!!", "similar to a common"),
        ("password" + " " * 100, "easy to guess"),
        ("Ada Lovelace", "your own name"),
        ("ada.lovelace@example.com", "your own name"),
        ("ADA.LOVELACE", "your own name"),
        ("lovelaceecalevol", "your own name"),
        ("Lovelace1815!", "your own name"),
        ("gatehouse123", "this site's name"),
        ("L0velace!1", "your own name"),
    ],
)
async def test_weak_password_is_refused_with_the_reason(rules: PasswordRules, password: str, reason: str) -> None:
    said = await rules.weakness(password, email="Ada.Lovelace@example.com", name="Ada Lovelace")
    assert said is not None
    assert reason in said
    assert not password or password not in said


async def test_own_word_in_a_long_password_is_no_fault(rules: PasswordRules) -> None:
    assert await rules.weakness("lovelace drank 9 cups of tea", email="ada@example.com", name="Ada Lovelace") is None


async def test_least_length_is_the_operators() -> None:
    rules = PasswordRules(15)
    assert await rules.weakness("Tq9#vLw2!xPz4m", email="", name="") == "Use at least 15 characters."
    assert await rules.weakness("Tq9#vLw2!xPz4mR", email="", name="") is None
    rules.close()


async def test_words_of_one_person_are_not_held_against_another_at_the_same_time(rules: PasswordRules) -> None:
    # The module of zxcvbn has one variable for everybody's words.
    password = "Ingeborgx71"
    judged = await asyncio.gather(
        *(rules.weakness(password, email="", name="Ingeborgx" if turn % 2 else "Ada") for turn in range(20))
    )
    assert {bool(reason) for reason in judged[0::2]} == {bool(judged[0])}
    assert set(judged[1::2]) == {strength.OWN_WORDS}


async def test_more_checks_than_places_are_busy(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strength, "_guessable", lambda *_: gate.work())
    rules, places = PasswordRules(8), 1 + strength.QUEUE
    checks = (rules.weakness(PASSWORD, email="", name="") for _ in range(places + 5))
    outcomes = asyncio.gather(*checks, return_exceptions=True)
    # In this one turn of the event loop everybody asks for a place.
    await asyncio.sleep(0)
    gate.open()
    busy = [outcome for outcome in await outcomes if isinstance(outcome, Busy)]
    assert len(busy) == 5
    assert outcomes.result().count(None) == places
    rules.close()


@pytest.mark.parametrize(
    "password",
    ["!$%(+0123456789<@[{|" * 4, "4@8({[<3691!|1|70$5+7%2" * 4, "1|7!" * 18, "a" * 256, "aA1!" * 64, "2024-01-01" * 20],
)
async def test_password_made_to_keep_the_check_busy_is_judged_soon(rules: PasswordRules, password: str) -> None:
    begun = time.process_time()
    await rules.weakness(password[:256], email="a" * 10_000, name="b " * 10_000)
    # Without the bound on look-alikes it takes 3 s; the margin is for slow machines.
    assert time.process_time() - begun < 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
@example("ßßßßßßßß", "ß", "\u0130" * 8)
async def test_any_text_is_judged_without_an_error(rules: PasswordRules, password: str, email: str, name: str) -> None:
    said = await rules.weakness(password, email=email, name=name)
    assert said is None or said.endswith(".")
