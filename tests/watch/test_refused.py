"""A sign-in that failed after its session had begun has let nobody in, and is told to nobody."""

from dataclasses import replace

import pytest
from redis.asyncio import Redis
from watch.world import VISIT, World

from webapp.accounts.store import AccountStore
from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.shielding import settle


async def look(world: World) -> None:
    """Have everything looked at that waits, due or not."""
    await settle()
    await world.do(*await world.claim_ahead())


async def nothing_is_left(world: World, redis_url: str) -> bool:
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        ended = [key async for key in store.scan_iter("in:*")]
    return not (await world.events() or await world.letters() or await world.entries() or ended)


async def test_sign_in_that_the_database_did_not_vouch_for_is_no_sign_in(
    world: World, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("the database")

    with monkeypatch.context() as outage:
        outage.setattr(AccountStore, "by_id", away)
        with pytest.raises(StoreUnavailable):
            await world.services.arrivals.sign_in(world.snapshot, VISIT)
    await look(world)
    assert await nothing_is_left(world, redis_url)


async def test_sign_in_with_a_password_that_was_changed_meanwhile_is_no_sign_in(world: World, redis_url: str) -> None:
    with pytest.raises(WrongCredentials):
        await world.services.arrivals.sign_in(replace(world.snapshot, credential="an older one"), VISIT)
    await look(world)
    assert await nothing_is_left(world, redis_url)
