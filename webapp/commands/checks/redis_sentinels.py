"""Sentinels: enough of them, agreed on the primary, with a replica that can take its place."""

from asyncio import gather
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import RedisError, ResponseError

from .findings import Finding, ok, warning, wrong

# With two, neither can outvote the other once one is lost.
ENOUGH = 3

State = dict[str, Any]


async def examine(pool: SentinelConnectionPool) -> list[Finding]:
    """Check the sentinels that REDIS_URL names."""
    sentinels: list[Redis] = pool.sentinel_manager.sentinels
    states = await gather(*(_ask(sentinel, pool.service_name) for sentinel in sentinels))
    answers = [state for state in states if isinstance(state, dict)]
    silent = [_name(sentinel) for sentinel, state in zip(sentinels, states, strict=True) if state is None]
    found = [_reached(len(sentinels), silent), *[state for state in states if isinstance(state, Finding)]]
    if answers:
        found += [_primary(answers), _replicas(answers), _number(answers)]
    return found


async def _ask(sentinel: Redis, service: str) -> State | Finding | None:
    """Give what a sentinel knows of the primary; None when it does not answer."""
    try:
        state = cast("State", await sentinel.sentinel_master(service))
        await sentinel.execute_command("SENTINEL", "CKQUORUM", service)  # type: ignore[no-untyped-call]
    except ResponseError as error:
        said = str(error).rstrip(".")
        return wrong(
            f"The sentinel at {_name(sentinel)} says: {said}. See the service in REDIS_URL, and the sentinels."
        )
    except (RedisError, OSError):
        return None
    return state


def _reached(named: int, silent: list[str]) -> Finding:
    if len(silent) == named:
        return wrong(
            f"No sentinel answers ({', '.join(silent)}): nobody knows the primary. Start them, or see REDIS_URL."
        )
    if silent:
        return warning(
            f"{named - len(silent)} of {named} sentinels answer, not those at {', '.join(silent)}. Start them."
        )
    if named == 1:
        return warning("The one sentinel that REDIS_URL names answers. Name them all: any of them may be lost.")
    return ok(f"All {named} sentinels answer.")


def _primary(answers: list[State]) -> Finding:
    named = sorted({f"{state['ip']}:{state['port']}" for state in answers})
    if len(named) > 1:
        return wrong(f"The sentinels name different primaries: {', '.join(named)}. See which of them is right.")
    return ok(f"They agree that the primary is {named[0]}.")


def _replicas(answers: list[State]) -> Finding:
    count = max(int(state["num-slaves"]) for state in answers)
    if count:
        return ok(f"{count} replica{'s' if count > 1 else ''} can take its place.")
    return warning("It has no replica: nothing can take its place. Start one.")


def _number(answers: list[State]) -> Finding:
    count = 1 + max(int(state["num-other-sentinels"]) for state in answers)
    if count < ENOUGH:
        return warning(
            f"There are {count} sentinels in all. Once one is lost none can be outvoted; have {ENOUGH} or more."
        )
    return ok(f"There are {count} sentinels in all, of which {answers[0]['quorum']} decide.")


def _name(sentinel: Redis) -> str:
    options = sentinel.connection_pool.connection_kwargs
    return f"{options.get('host')}:{options.get('port')}"
