"""Sessions in the hash of their account, for tests that look into Redis past the application."""

from typing import cast

from redis.asyncio import Redis, RedisCluster
from session_fields import AGE, MOMENTS, account_key, changed, fields_of, session_in

Store = Redis | RedisCluster


async def fields(store: Store, account_id: str) -> dict[str, str]:
    """Give all that Redis holds of an account."""
    # The clients decode their answers; redis-py's types cannot know.
    return cast("dict[str, str]", await store.hgetall(account_key(account_id)))


async def record(store: Store, account_id: str, session_id: str) -> dict[str, str]:
    """Give what stands of a session, whether it lives or was ended; nothing where there is none."""
    return session_in(await fields(store, account_id), session_id)


async def age(store: Store, account_id: str, session_id: str, seconds: int, *moments: str) -> None:
    """Let time pass for one session alone, or only for some of its MOMENTS. Its key stays as long as it did."""
    await store.eval(AGE, 1, account_key(account_id), session_id, seconds, *(moments or MOMENTS))


async def write(store: Store, account_id: str, session_id: str, **values: str | bytes | None) -> None:
    """Write over what a session's record holds, or take away what is None."""
    for name, value in values.items():
        words = value.decode("latin-1") if isinstance(value, bytes) else value
        field, text = changed(await fields(store, account_id), session_id, name, words)
        if text is None:
            await store.hdel(account_key(account_id), field)
        else:
            await store.hset(account_key(account_id), field, text.encode("latin-1" if value != words else "utf-8"))


async def lose(store: Store, account_id: str, session_id: str) -> None:
    """Take away all that stands of a session."""
    await store.hdel(account_key(account_id), *fields_of(await fields(store, account_id), session_id))
