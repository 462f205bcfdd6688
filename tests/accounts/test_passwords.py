import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace

import argon2
import pytest
from account_world import PASSWORD, GatedArgon2, RecordingArgon2
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY
from gate import Gate
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.accounts import passwords
from webapp.accounts.passwords import PasswordHasher
from webapp.errors import Busy

# Measurably more work than CHEAPEST, and still little.
DEARER = replace(CHEAPEST, time_cost=2)


async def verify(hasher: PasswordHasher, password: str, password_hash: str | None) -> bool:
    async with hasher.turn() as place:
        return await hasher.verify(password, password_hash, place)


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(CHEAPEST, threads=2)
    yield hasher
    hasher.close()


async def test_default_parameters_are_the_second_profile_of_rfc_9106() -> None:
    hasher = PasswordHasher(threads=1)
    found = argon2.extract_parameters(await hasher.hash(PASSWORD))
    assert found == RFC_9106_LOW_MEMORY
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (argon2.Type.ID, 64 * 1024, 3, 4)
    hasher.close()


async def test_right_password_verifies_and_others_do_not(hasher: PasswordHasher) -> None:
    password_hash = await hasher.hash(PASSWORD)
    assert await verify(hasher, PASSWORD, password_hash) is True
    for other in (PASSWORD.upper(), f" {PASSWORD}", PASSWORD[:-1], "", PASSWORD + "\0", PASSWORD + "\ud800"):
        assert await verify(hasher, other, password_hash) is False


async def test_composed_and_decomposed_spelling_are_one_password(hasher: PasswordHasher) -> None:
    assert await verify(hasher, "Zoe\u0308 und Bjo\u0308rn", await hasher.hash("Zoë und Björn"))


async def test_compatible_characters_are_different_passwords(hasher: PasswordHasher) -> None:
    assert not await verify(hasher, "x²", await hasher.hash("x2"))


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        "",
        "plain text",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$$",
        "$argon2id$v=19$m=8,t=x,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        "$argon2id$v=19$m=8,t=1,p=1$\u00e4\u00e4\u00e4$\u00e4\u00e4\u00e4",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$!!!!",
        "$2b$12$abcdefghijklmnopqrstuv",
        "\0",
    ],
)
async def test_missing_or_damaged_hash_is_a_wrong_password(hasher: PasswordHasher, damaged: str | None) -> None:
    for password in (PASSWORD, "", "\ud800", "x" * 1_000_000):
        assert await verify(hasher, password, damaged) is False


async def test_cut_hash_is_a_wrong_password(hasher: PasswordHasher) -> None:
    password_hash = await hasher.hash(PASSWORD)
    for length in range(len(password_hash)):
        assert await verify(hasher, PASSWORD, password_hash[:length]) is False


@pytest.mark.parametrize("password", [PASSWORD, "\ud800", "x" * 1_000_000, ""])
@pytest.mark.parametrize("known", [True, False])
async def test_every_verification_does_the_same_work_in_a_thread(password: str, known: bool) -> None:  # noqa: FBT001 - pytest's
    hasher = PasswordHasher(DEARER, threads=1)
    recording = hasher._argon2 = RecordingArgon2(DEARER)
    password_hash = await hasher.hash("something else") if known else None
    await verify(hasher, password, password_hash)
    assert [(p.type, p.memory_cost, p.time_cost, p.parallelism, p.hash_len) for p in recording.verified] == [
        (DEARER.type, DEARER.memory_cost, DEARER.time_cost, DEARER.parallelism, DEARER.hash_len)
    ]
    assert len(recording.threads) == 1
    hasher.close()


async def test_event_loop_turns_while_a_password_is_hashed() -> None:
    hasher = PasswordHasher(threads=1)
    # A busy machine may keep the loop from turning during one hash, but not during each of many; a hash that did not
    # let go would keep it from turning every time.
    for _ in range(20):
        if await _turns_during(hasher.hash(PASSWORD)) > 10:
            break
    else:
        pytest.fail("The event loop stands still while a password is hashed.")
    hasher.close()


async def _turns_during(work: Coroutine[object, object, object]) -> int:
    working, turns = asyncio.create_task(work), 0
    while not working.done():
        await asyncio.sleep(0.001)
        turns += 1
    await working
    return turns


async def test_queue_is_bounded_and_the_rest_is_told_when_to_come_back(gate: Gate) -> None:
    hasher = PasswordHasher(CHEAPEST, threads=1)
    hasher._argon2 = GatedArgon2(gate)
    places = 1 + passwords.QUEUE_PER_PROCESSOR
    outcomes = asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(places + 5)), return_exceptions=True)
    # In this one turn of the event loop everybody asks for a place.
    await asyncio.sleep(0)
    gate.open()
    busy = [outcome for outcome in await outcomes if isinstance(outcome, Busy)]
    assert len(busy) == 5
    assert {error.wait for error in busy} == {passwords.BUSY_WAIT}
    hasher.close()


async def test_hash_is_outdated_when_parameters_changed(hasher: PasswordHasher) -> None:
    password_hash = await hasher.hash(PASSWORD)
    dearer = PasswordHasher(DEARER, threads=1)
    assert not hasher.outdated(password_hash)
    assert dearer.outdated(password_hash)
    assert await verify(dearer, PASSWORD, password_hash)
    dearer.close()


def test_password_of_a_megabyte_of_combining_marks_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="at most 256 characters"):
        passwords.normalise("e" + "\u0301\u0316" * 500_000)


@given(st.text(st.characters(codec="utf-8"), max_size=passwords.LONGEST_PASSWORD))
@example("\u1f82" * passwords.LONGEST_PASSWORD)
def test_any_password_of_allowed_length_normalises_in_every_spelling(password: str) -> None:
    composed = passwords.normalise(password)
    assert passwords.normalise(composed) == composed
