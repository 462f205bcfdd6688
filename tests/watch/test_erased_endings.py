"""Of an account that is erased Redis keeps no word of how its sessions were ended, however many those were."""

import pytest
from redis.asyncio import Redis
from watch.world import World

from webapp.accounts import owed
from webapp.sessions.token import new_public_id


async def test_erasure_forgets_many_endings_in_few_calls(
    world: World, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, calls = [new_public_id() for _ in range(1200)], list[int]()
    keys = [f"session:{{{world.ada.id}}}:{session_id}" for session_id in ended]
    async with Redis.from_url(redis_url) as store:
        for key in keys:
            await store.hset(key, "was", "h" * 43)
    script, entry = world.services.sessions._store._forget_endings, owed.forget_sessions(world.ada.id, ended)

    async def counting(account_id: str, *session_ids: str) -> object:
        calls.append(len(session_ids))
        return await script(account_id, *session_ids)

    monkeypatch.setattr(world.services.sessions._store, "_forget_endings", counting)
    await world.services.deeds.settle([entry])
    async with Redis.from_url(redis_url) as store:
        assert await store.exists(*keys) == 0
    assert sum(calls) == len(ended)
    assert len(calls) == 3
