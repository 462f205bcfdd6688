"""What stands in Redis is input too: a record that cannot be judged counts as ended, and nothing raises."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from session_fields import ACCOUNT, account_key, snapshot_in
from session_world import ADDRESS, CAUSE, MINUTE, World, key_of

from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot, Started

NUMBERS = ["created", "seen", "confirmed", "idle", "expires"]
TEXTS = ["remembered", "method", "device", "address"]
BENT = ["", "soon", "-5", "1e9", "0x7fffffff", " 1", "1 ", "1.5", "nan", "inf", "٣٣٣", "9" * 40, "\0"]


async def expect_ended(world: World, started: Started) -> None:
    """Check that every door says the same: there is no such session, and another one of the account goes on."""
    account = world.accounts.rows[started.session.account_id]
    other = await world.sign_in(account)
    assert not await world.service.rename(account.id, started.session.id, "a name")
    assert not await world.service.confirm(account.id, started.session.id)
    assert await world.service.renew(started.token) is None
    assert await world.listed(account) == [other.session.id]
    assert not await world.resumes(started.token)
    assert not await world.service.end(account.id, started.session.id, cause=CAUSE)
    assert await world.written(started.token) == {}
    assert await world.resumes(other.token)


@pytest.mark.parametrize("field", ["hash", *NUMBERS])
async def test_record_without_a_required_field_counts_as_ended(world: World, ada: AccountSnapshot, field: str):
    started = await world.sign_in(ada)
    await world.write(started.token, **{field: None})

    await expect_ended(world, started)


@pytest.mark.parametrize("value", ["", "x", "x" * 42, "x" * 44])
async def test_record_with_a_bent_hash_counts_as_ended(world: World, ada: AccountSnapshot, value: str):
    started = await world.sign_in(ada)
    await world.write(started.token, hash=value)

    await expect_ended(world, started)


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("value", BENT)
async def test_record_with_a_bent_number_counts_as_ended(world: World, ada: AccountSnapshot, field: str, value: str):
    started = await world.sign_in(ada)
    await world.write(started.token, **{field: value})

    await expect_ended(world, started)


async def test_record_of_another_type_counts_as_ended(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.redis.delete(key_of(started.token))
    await world.redis.set(key_of(started.token), "junk")

    assert not await world.resumes(started.token)
    assert await world.keys() == set()


@pytest.mark.parametrize("by", ["list", "visit"])
async def test_damaged_records_are_removed_by_a_look_at_the_list_and_by_a_visit(
    world: World, ada: AccountSnapshot, by: str
):
    damaged, other = [await world.sign_in(ada) for _ in range(2)]
    for started in (damaged, other):
        await world.write(started.token, seen="soon")

    if by == "list":
        assert await world.listed(ada) == []
    else:
        assert not await world.resumes(damaged.token)

    assert await world.ids() == await world.keys() == set()


@pytest.mark.parametrize("field", TEXTS)
async def test_record_without_an_optional_field_lives(world: World, ada: AccountSnapshot, field: str):
    started = await world.sign_in(ada, remember=True)
    await world.write(started.token, **{field: None})

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    session = resumed.session
    defaults = {
        "remembered": False,
        "method": "password",
        "device": Device("Unknown browser", "unknown"),
        "address": "",
    }
    assert getattr(session, field) == defaults[field]
    assert (await world.service.list(ada.id)).sessions == (session,)


async def test_field_of_a_later_version_is_read_past(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.write(started.token, z="Lisbon")
    await world.age(started.token, MINUTE)

    assert await world.resumes(started.token)
    assert (await world.written(started.token))["z"] == "Lisbon"


async def test_fields_of_no_session_are_none_and_go(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    before = await world.fields(ada.id)
    await world.redis.hset(account_key(ada.id), mapping={"~~~i": "nobody", "~~~": "1", "~~~h": "x" * 43, "}}}t": "5"})

    assert await world.listed(ada) == [started.session.id]
    assert await world.fields(ada.id) == before | {"~~~": "1"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    field=st.sampled_from(["hash", "name", *NUMBERS, *TEXTS]),
    value=st.one_of(st.binary(max_size=80), st.integers().map(lambda number: str(number).encode())),
)
async def test_any_bytes_in_any_field_raise_nothing(world: World, field: str, value: bytes):
    # A hash of the right length is a hash, though nobody knows its secret.
    assume(field != "hash" or len(value) != 43)
    ada = world.person()
    started = await world.sign_in(ada)
    await world.write(started.token, **{field: value})

    resumed = await world.service.resume(started.token, address=ADDRESS)

    listed = (await world.service.list(ada.id)).sessions
    assert listed == ((resumed.session,) if resumed else ())


@pytest.mark.parametrize("field", ["name", "email", "role", "confirmed"])
async def test_snapshot_that_lacks_a_field_is_rebuilt(world: World, ada: AccountSnapshot, field: str):
    started = await world.sign_in(ada)
    await world.redis.hdel(account_key(ada.id), ACCOUNT[field])

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.account == ada
    written = {"name": ada.name, "email": ada.email, "role": ada.role, "confirmed": "0"}
    assert snapshot_in(await world.fields(ada.id)) == written


@pytest.mark.parametrize("value", [*BENT, "true", "1\n", "01"])
async def test_email_counts_as_proven_only_where_that_is_written(world: World, ada: AccountSnapshot, value: str):
    started = await world.sign_in(ada)
    await world.redis.hset(account_key(ada.id), ACCOUNT["confirmed"], value)

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.account == ada
    assert not resumed.account.confirmed
