"""How long an account's list and its end take in a large store, beside a little one."""

import gc
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager

from bench import cores
from bench.noise import Figure, ratio
from bench.slices import calls_of
from bench.table import Row
from own_redis import StandaloneRedis
from redis_clients import opened
from session_world import CAUSE, World

from webapp.sessions.model import AccountSnapshot

# What is promised (issue 7): the part of what it takes in a small store, and milliseconds.
MOST_OF_SMALL, MOST_WAIT = 1.2, 2
MILLISECONDS = 1000
# Accounts that are looked at, with so many devices each, and calls before the first that counts.
LISTED_DEVICES, WARM = 5, 20
# Times are compared by so many groups of accounts, as cycles are.
GROUPS = 8
# What is sent to Redis, and not done within a script.
SENT = ("evalsha", "eval", "evalsha_ro", "eval_ro", "fcall", "fcall_ro", "wait", "waitaof")

# Does something with all sessions of an account, and says how many those were.
Act = Callable[[World, AccountSnapshot], Awaitable[int]]


async def measure_lists(
    little: StandaloneRedis, large: StandaloneRedis, *, which: str, small: int, accounts: int
) -> list[Row]:
    """List the sessions of accounts and end them, in both stores in turn.

    ``which`` names the large one, and ``small`` is how many sessions there are in the little one.
    """
    async with AsyncExitStack() as stack:
        stores = (little, large)
        stack.enter_context(_side_by_side(stores))
        worlds = [World(await stack.enter_async_context(opened(store.url))) for store in stores]
        people = [[await _arrive(world) for _ in range(accounts + WARM)] for world in worlds]
        rows: list[Row] = []
        acts: dict[str, Act] = {"listing": _list, "ending all of": _end}
        for name, act in acts.items():
            waits: list[list[float]] = [[], []]
            gc.collect()
            for place in range(accounts + WARM):
                if place == WARM:
                    _forget_calls(stores)
                for side in (place % 2, 1 - place % 2):
                    waits[side].append(await _timed(act, worlds[side], people[side][place]))
            calls = [calls_of(store) for store in stores]
            counted = [each[WARM:] for each in waits]
            what = f"{name} an account's {LISTED_DEVICES} sessions of {which}"
            rows += _rows(what, f"as a part of what it takes with {small}", counted, calls, accounts)
    return rows


@contextmanager
def _side_by_side(stores: Sequence[StandaloneRedis]) -> Iterator[None]:
    """Give both stores the same processor, and whoever asks the other.

    The kernel may leave one of them where whoever asks is, and wake the other on a processor at rest: the same work
    took it 1.3 times as long then, for as long as both were watched.
    """
    for store in stores:
        os.sched_setaffinity(int(store.cli("INFO", "server")["process_id"]), cores.SERVER)
    with cores.on(cores.OTHERS):
        yield


def _forget_calls(stores: Sequence[StandaloneRedis]) -> None:
    """Count from here on: the first calls have sent the scripts, too."""
    for store in stores:
        store.cli("CONFIG", "RESETSTAT")


async def _arrive(world: World) -> AccountSnapshot:
    person = world.person()
    for _ in range(LISTED_DEVICES):
        await world.sign_in(person, remember=True)
    return person


async def _list(world: World, person: AccountSnapshot) -> int:
    return len((await world.service.list(person.id)).sessions)


async def _end(world: World, person: AccountSnapshot) -> int:
    return len(await world.service.end_all(person.id, CAUSE))


async def _timed(act: Act, world: World, person: AccountSnapshot) -> float:
    began = time.perf_counter()
    count = await act(world, person)
    took = time.perf_counter() - began
    assert count == LISTED_DEVICES
    return took * MILLISECONDS


def _rows(
    what: str, where: str, waits: Sequence[Sequence[float]], calls: Sequence[dict[str, int]], times: int
) -> list[Row]:
    little, large = ([statistics.median(side[group::GROUPS]) for group in range(GROUPS)] for side in waits)
    figure = Figure(ratio(large, little))
    slowest = Figure(large)
    sent = [{name: count / times for name, count in each.items()} for each in calls]
    asked = [sum(count for name, count in each.items() if name in SENT) for each in sent]
    said = ", ".join(f"{name} {count:.0f}" for name, count in sorted(sent[1].items()))
    beside = f"{statistics.median(large):.2f} and {statistics.median(little):.2f} ms, noise ±{figure.noise:.2f}"
    part = f"{figure.middle:.2f}"
    return [
        Row(
            f"{what}, {where}",
            part,
            f"≤ {MOST_OF_SMALL}",
            figure.middle <= MOST_OF_SMALL,
            beside,
            figure.is_near(MOST_OF_SMALL),
        ),
        Row(
            f"{what}",
            f"{slowest.middle:.2f} ms",
            f"< {MOST_WAIT} ms",
            slowest.middle < MOST_WAIT,
            "the median",
            slowest.is_near(MOST_WAIT),
        ),
        Row(f"{what}, calls of Redis", f"{asked[1]:.2f}", f"= {asked[0]:.2f}", asked[0] == asked[1], said),
    ]
