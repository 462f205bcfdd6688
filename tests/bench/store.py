"""A million sessions: what each takes of Redis's memory."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.filling import (
    DEVICES,
    REMEMBERED,
    any_copy,
    fill,
    forms_of,
    offered,
    recipe_of,
    renewed,
    size_of,
    unmarked,
    visited,
)
from bench.lists import measure_lists
from bench.table import Part, Row
from own_redis import StandaloneRedis
from redis_clients import opened
from session_world import World

from webapp.dev import redis_server
from webapp.sessions.model import AccountSnapshot

TITLE = "A million sessions in one Redis"
# What is promised (issue 7).
MOST_BYTES = 450
# Copies that are compared with what the real service wrote.
SAMPLES = 20
# By which part their bytes may differ.
APART = 0.06
# So many looks at the memory have to find the same, with so many seconds between them.
LOOKS, PAUSE = 4, 0.1


@dataclass(frozen=True, slots=True)
class Store:
    """One Redis, which, and where it takes its memory from."""

    redis: StandaloneRedis
    version: str
    allocator: str


async def measure_store(sessions: int, small: int, accounts: int, tell: Callable[[str], None]) -> Part:
    """Fill a Redis of each version that is here; ``small`` is the size of the store that it is compared with."""
    with ExitStack() as stack:
        stores = {store.version: store for store in _started(stack)}
        names = " and ".join(stores)
        tell(f"{sessions} sessions are written to Redis {names}")
        # Side by side, since each server fills one processor.
        rows = await asyncio.gather(*(_memory(store, sessions) for store in stores.values()))
        for little in _started(stack):
            large = stores[little.version]
            tell(f"lists are asked of Redis {large.version}")
            await _filled(little, small)
            which = f"{sessions}, Redis {large.version}"
            rows += await measure_lists(little.redis, large.redis, which=which, small=small, accounts=accounts)
    notes = (
        f"Measured on Redis {names}. The sessions are copies of what the real service wrote, two of each account in "
        "one key with its snapshot; keys, fields, encoding, ends and bytes of some copies are compared with the "
        "original. The mark of a sign-in, which stays for twenty minutes, is not counted."
    )
    return Part(TITLE, rows, notes)


def _started(stack: ExitStack) -> list[Store]:
    """Start a Redis of each version that is here."""
    stores: dict[str, Store] = {}
    for binary in redis_server.binaries().values():
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))
        redis = StandaloneRedis(folder, binary)
        stack.callback(redis.stop)
        version = redis.cli("INFO", "server")["redis_version"]
        stores.setdefault(version, Store(redis, version, redis.cli("INFO", "memory")["mem_allocator"]))
    return list(stores.values())


async def _memory(store: Store, sessions: int) -> Row:
    """Fill it with sessions in the state in which most are, and tell what each takes; and what it would in another."""
    async with opened(store.redis.url) as client:
        world = World(client)
        before, after = await _fill(store.redis, world, sessions)
        used = (after - before) / sessions
        sizes = await _sizes(store.redis, world)
        usual = sizes.pop("in use")
    beside = ", ".join(f"{name}: {used + size - usual:.0f}" for name, size in sizes.items())
    what = f"memory of each of {sessions} sessions, Redis {store.version}"
    told = f"{store.allocator}; in use, with {REMEMBERED} secrets superseded; {beside}"
    return Row(what, f"{used:.0f} bytes", f"≤ {MOST_BYTES} bytes", used <= MOST_BYTES, told)


async def _filled(store: Store, sessions: int) -> None:
    async with opened(store.redis.url) as client:
        await _fill(store.redis, World(client), sessions)


async def _fill(redis: StandaloneRedis, world: World, sessions: int) -> tuple[int, int]:
    """Give the bytes that it used before and after."""
    person = await _person(world, REMEMBERED)
    unmarked(redis)
    recipe, before = recipe_of(redis, person.id), _used(redis)
    await asyncio.to_thread(fill, redis, recipe, sessions // DEVICES)
    _compare(redis, person.id)
    return before, _used(redis)


async def _person(world: World, renewals: int) -> AccountSnapshot:
    person = world.person()
    for _ in range(DEVICES):
        await visited(world, person, renewals)
    return person


async def _sizes(redis: StandaloneRedis, world: World) -> dict[str, float]:
    """Tell what the keys of a session take in each of the states in which it may be left."""
    states = {"in use": await _person(world, REMEMBERED), "new": await _person(world, 0)}
    for name, left in {"left within a minute of a new secret": renewed, "left with one not shown": offered}.items():
        person = states[name] = world.person()
        for _ in range(DEVICES):
            await left(world, await visited(world, person, REMEMBERED))
    return {name: size_of(redis, person.id) / DEVICES for name, person in states.items()}


def _compare(redis: StandaloneRedis, account_id: str) -> None:
    real = forms_of(redis, account_id)
    for _ in range(SAMPLES):
        copy = forms_of(redis, any_copy(redis, [account_id]))
        size, usual = (sum(form.size for form in forms) for forms in (copy, real))
        if copy != real or abs(size / usual - 1) > APART:
            raise RuntimeError(f"A copy is not what the service writes: {copy} instead of {real}.")


def _used(redis: StandaloneRedis) -> int:
    """Give the bytes in use, once that has stayed the same for a moment."""
    looks: list[int] = []
    while len(looks) < LOOKS or len(set(looks[-LOOKS:])) > 1:
        looks.append(int(redis.cli("INFO", "memory")["used_memory"]))
        time.sleep(PAUSE)
    return looks[-1]
