"""Two people, two tabs, two processes at the same moment. Each race is run hundreds of times, twenty-five at once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from random import Random
from typing import Any

import pytest
from session_fields import is_left
from session_world import ADDRESS, CAUSE, MINUTE, World

from webapp.sessions.model import AccountSnapshot, Started

ROUNDS = 300
AT_ONCE = 25

Race = Callable[[AccountSnapshot], Awaitable[None]]

# Draws the order in which the calls of one race set out.
_lots: ContextVar[Random] = ContextVar("_lots")


async def run_many(world: World, race: Race) -> None:
    """Run a race again and again, each time for a new account."""
    for first in range(0, ROUNDS, AT_ONCE):
        async with asyncio.TaskGroup() as group:
            for seed in range(first, first + AT_ONCE):
                group.create_task(_run(race, world.person(), seed))


async def _run(race: Race, account: AccountSnapshot, seed: int) -> None:
    _lots.set(Random(seed))
    try:
        await race(account)
    except BaseException as error:
        error.add_note(f"The calls set out in the order that Random({seed}) drew.")
        raise


async def together(*calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """Await calls that set out at the same moment in any order; gives what they answer in the order given here."""
    order = _lots.get().sample(range(len(calls)), len(calls))
    answers = await asyncio.gather(*(calls[place] for place in order))
    return [answers[order.index(place)] for place in range(len(calls))]


async def expect_gone(world: World, started: Started) -> None:
    assert await world.written(started.token) == {}
    assert not await world.resumes(started.token)


async def test_touch_against_end_never_revives(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        await world.age(started.token, MINUTE)
        touches = (world.service.resume(started.token, address=ADDRESS) for _ in range(3))
        ended, *_ = await together(world.service.end(ada.id, started.session.id, cause=CAUSE), *touches)
        assert ended
        await expect_gone(world, started)

    await run_many(world, race)


@pytest.mark.parametrize("change", ["rename", "confirm"])
async def test_change_against_end_never_revives(world: World, change: str):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        changes = {
            "rename": world.service.rename(ada.id, started.session.id, "Laptop"),
            "confirm": world.service.confirm(ada.id, started.session.id),
        }
        changes.pop("confirm" if change == "rename" else "rename").close()
        ended, _ = await together(world.service.end(ada.id, started.session.id, cause=CAUSE), changes[change])
        assert ended
        await expect_gone(world, started)

    await run_many(world, race)


async def test_renewal_against_end_never_revives(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        ended, renewed = await together(
            world.service.end(ada.id, started.session.id, cause=CAUSE), world.service.renew(started.token)
        )
        assert ended
        await expect_gone(world, started)
        assert renewed is None or not await world.resumes(renewed.token)

    await run_many(world, race)


async def test_renewal_against_end_all_leaves_nothing(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        ended, renewed = await together(world.service.end_all(ada.id, cause=CAUSE), world.service.renew(started.token))
        assert len(ended) == 1
        await expect_gone(world, started)
        assert renewed is None or not await world.resumes(renewed.token)
        assert is_left(await world.fields(ada.id))

    await run_many(world, race)


async def test_renewed_twice_at_once_one_wins(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        answers = await together(*(world.service.renew(started.token) for _ in range(4)))
        (won,) = [answer for answer in answers if answer]
        assert await world.resumes(won.token)
        assert not await world.resumes(started.token)
        assert await world.listed(ada) == [started.session.id]

    await run_many(world, race)


async def test_visits_with_the_old_secret_undo_no_renewal(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        await world.age(started.token, MINUTE)
        visits = (world.service.resume(started.token, address=ADDRESS) for _ in range(3))
        renewed, *_ = await together(world.service.renew(started.token), *visits)
        assert renewed is not None
        assert not await world.resumes(started.token)
        assert await world.resumes(renewed.token)
        assert await world.listed(ada) == [started.session.id]

    await run_many(world, race)


async def test_two_sign_ins_at_the_limit_displace_one_each(world: World):
    limited = world.limited_to(3)

    async def race(ada: AccountSnapshot) -> None:
        old = [await limited.sign_in(ada) for _ in range(3)]
        for minutes, started in enumerate(old):
            await limited.age(started.token, 30 * MINUTE - minutes * MINUTE)
        one, other = await together(limited.sign_in(ada), limited.sign_in(ada))
        assert set(await limited.listed(ada)) == {old[2].session.id, one.session.id, other.session.id}
        assert [await limited.resumes(started.token) for started in old] == [False, False, True]

    await run_many(limited, race)


async def test_end_pressed_many_times_succeeds_once(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        answers = await together(*(world.service.end(ada.id, started.session.id, cause=CAUSE) for _ in range(4)))
        assert sorted(answers) == [False, False, False, True]
        await expect_gone(world, started)

    await run_many(world, race)


async def test_end_others_against_sign_ins_lists_exactly_what_resumes(world: World):
    async def race(ada: AccountSnapshot) -> None:
        here, other = [await world.sign_in(ada) for _ in range(2)]
        ended, *new = await together(
            world.service.end_others(ada.id, keep=here.session.id, cause=CAUSE),
            world.sign_in(ada),
            world.sign_in(ada, remember=True),
        )
        alive = [started for started in (here, other, *new) if await world.resumes(started.token)]
        assert set(await world.listed(ada)) == {started.session.id for started in alive}
        assert here in alive
        assert other not in alive
        assert len(ended) == 4 - len(alive)

    await run_many(world, race)


async def test_end_all_against_visits_leaves_nothing(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        # Without its snapshot a visit writes twice, and the second one comes after a look into SQL.
        await world.lose_snapshot(ada.id)
        touches = (world.service.resume(started.token, address=ADDRESS) for _ in range(3))
        await together(world.service.end_all(ada.id, cause=CAUSE), world.service.put_account(ada), *touches)
        await expect_gone(world, started)
        assert is_left(await world.fields(ada.id))

    await run_many(world, race)


async def test_visits_at_the_same_moment_slide_the_session_once(world: World):
    async def race(ada: AccountSnapshot) -> None:
        started = await world.sign_in(ada)
        await world.age(started.token, MINUTE)
        visits = await together(*(world.service.resume(started.token, address=ADDRESS) for _ in range(5)))
        assert sorted(visit.moved for visit in visits) == [False, False, False, False, True]

    await run_many(world, race)
