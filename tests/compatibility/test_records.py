"""What version 1 left in Redis is read by today's version, and what that writes by version 1."""

import re

import pytest
from compatibility.first_form import key_of
from compatibility.version_1.sessions import FORMS, VersionOne, keys, record
from redis.asyncio import Redis
from session_world import ADDRESS, CAUSE, MINUTE, World

from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import Token

LONGEST_FIELD = 64


async def left_by_version_1(redis: Redis, account: AccountSnapshot) -> Token:
    """Write down a session to the letter as version 1 did, in plain commands."""
    token = Token.new(account.id)
    named = keys(account.id, token.session_id)
    now = (await redis.time())[0]
    ends = now - 1200 + 30 * 86400
    for field, value in record(token.secret_hash, now).items():
        await redis.hset(named["record"], field, value)
    await redis.zadd(named["index"], {token.session_id: ends})
    await redis.hset(named["snapshot"], mapping={"name": account.name, "email": account.email, "role": account.role})
    for key in named.values():
        await redis.expireat(key, ends)
    return token


async def test_session_left_by_version_1_is_resumed_and_shown_with_all_that_it_holds(
    redis: Redis, world: World, ada: AccountSnapshot
):
    token = await left_by_version_1(redis, ada)

    resumed = await world.service.resume(str(token), address=ADDRESS)

    assert resumed is not None
    session = resumed.session
    assert resumed.account == ada
    assert (session.seen, session.confirmed) == (resumed.now, session.created)
    assert (session.expires - session.created, session.idle) == (90 * 86400, 30 * 86400)
    assert (session.remembered, session.method, session.name) == (True, "password", "Kitchen")
    assert session.device == Device("Safari on iPhone", "phone")
    assert (await world.service.list(ada.id)).sessions == (session,)


async def test_session_left_by_version_1_can_be_named_confirmed_and_ended(
    redis: Redis, world: World, ada: AccountSnapshot
):
    token = await left_by_version_1(redis, ada)

    assert await world.service.rename(ada.id, token.session_id, "Attic")
    assert await world.service.confirm(ada.id, token.session_id)
    assert await world.service.end(ada.id, token.session_id, cause=CAUSE)
    assert await world.keys() == set()


@pytest.mark.parametrize("remember", [False, True])
async def test_record_of_today_has_every_field_in_the_form_that_version_1_can_use(
    world: World, ada: AccountSnapshot, *, remember: bool
):
    started = await world.sign_in(ada, remember=remember)
    await world.service.rename(ada.id, started.session.id, "Kitchen")

    written = await world.written(started.token)

    assert [name for name, form in FORMS.items() if not re.fullmatch(form, written.get(name, "-missing-"))] == []
    # A field that is longer than this triples what the session costs, whoever has added it.
    assert [name for name, value in written.items() if len(value.encode()) > LONGEST_FIELD] == []


async def test_version_1_reads_a_session_of_today(world: World, old: VersionOne, ada: AccountSnapshot):
    started = await world.sign_in(ada, remember=True)
    token = Token.parse(started.token)
    assert token is not None
    await world.age(started.token, MINUTE)

    row = await old.touch(ada.id, token.session_id, token.secret_hash)

    assert row is not None
    assert row["account"] == [ada.name, ada.email, ada.role]
    assert (row["remembered"], row["idle"], row["device"]) == ("1", 30 * 86400, "computer:Firefox on Windows")
    assert await old.list(ada.id) == {token.session_id: {key: row[key] for key in row if key != "account"}}
    assert await old.touch(ada.id, token.session_id, "x" * 43) is None


@pytest.mark.parametrize(("field", "value"), [("method", "passkey"), ("device", "watch:Pebble"), ("place", "Lisbon")])
async def test_fields_and_values_of_a_version_to_come_are_kept_and_end_nothing(
    world: World, ada: AccountSnapshot, field: str, value: str
):
    started = await world.sign_in(ada)
    await world.redis.hset(key_of(started.token), field, value)
    await world.age(started.token, MINUTE)

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert (await world.service.list(ada.id)).sessions == (resumed.session,)
    assert await world.service.rename(ada.id, started.session.id, "Kitchen")
    assert (await world.written(started.token))[field] == value
