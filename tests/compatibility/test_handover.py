"""For an hour from the first start of this version on a Redis, an account is written as the version before does it."""

import time

import pytest
from compatibility.first_form import FirstWorld, every_key
from redis.asyncio import Redis
from session_fields import account_key
from session_world import MINUTE, World

from webapp.sessions import handover
from webapp.sessions.model import AccountSnapshot


async def test_empty_redis_waits_for_nothing(redis: Redis, world: World, ada: AccountSnapshot):
    process = FirstWorld(redis, accounts=world.accounts)

    await process.service.load_scripts()
    await process.sign_in(ada)

    assert await redis.exists(account_key(ada.id))


async def test_hour_begins_with_the_first_process(redis: Redis, before: FirstWorld, ada: AccountSnapshot):
    await before.sign_in(ada)
    now = (await redis.time())[0]

    for _ in range(2):
        process = FirstWorld(redis)
        await process.service.load_scripts()
        assert not process.handover.is_over

    assert 0 <= int(str(await redis.get(handover.KEY))) - now <= MINUTE
    await redis.decrby(handover.KEY, handover.BESIDE)
    process = FirstWorld(redis)
    await process.service.load_scripts()
    assert process.handover.is_over


async def test_hour_is_over_for_a_process_that_runs_on(
    redis: Redis, before: FirstWorld, ada: AccountSnapshot, monkeypatch: pytest.MonkeyPatch
):
    await before.sign_in(ada)
    await before.service.load_scripts()
    later = time.monotonic() + handover.BESIDE
    monkeypatch.setattr(time, "monotonic", lambda: later)

    await before.sign_in(ada)

    assert await every_key(redis) == {account_key(ada.id), handover.KEY}


async def test_process_that_could_not_learn_of_the_hour_asks_again(
    redis: Redis, before: FirstWorld, ada: AccountSnapshot, monkeypatch: pytest.MonkeyPatch
):
    await before.sign_in(ada)
    await redis.set(handover.KEY, 1)
    before.handover._begun = True

    assert await before.listed(ada)
    assert before.handover.is_over
    assert await before.listed(ada)

    assert await every_key(redis) == {account_key(ada.id), handover.KEY}


async def test_command_that_serves_nobody_begins_no_hour(redis: Redis, before: FirstWorld, ada: AccountSnapshot):
    await before.listed(ada)

    assert await every_key(redis) == set()
