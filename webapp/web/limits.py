"""How often a route may be used: every one that changes something says so by name.

As in ``guards`` the decorators only leave a mark, and ``gate`` reads it. A test walks the URL map and fails for an
unsafe route without a mark.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from quart import g

from webapp.deadline import briefly
from webapp.errors import StoreUnavailable, TooManyTries
from webapp.throttle.limits import BY_SESSION, LIMITS

from . import identity
from .client import client_network
from .context import services

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """What limits a route: a ``name`` of LIMITS, or something ``elsewhere``; or ``why`` nothing does."""

    name: str = ""
    why: str = ""
    elsewhere: str = ""
    at_once: bool = False


def limited(name: str, *, at_once: bool = False) -> Callable[[Handler], Handler]:
    """Let a route be used as often as LIMITS says of ``name``: by each network, or in each session.

    A handler that shows its form again is left to do so, with what was typed and the wait, when its form is asked
    whether it is acceptable. ``at_once`` is for one that asks the database before that: it is not called at all.
    """
    if name not in LIMITS:
        raise ValueError(f"{name!r} is no limit: see webapp/throttle/limits.py")
    return _marking(Limit(name, at_once=at_once))


def limited_elsewhere(where: str) -> Callable[[Handler], Handler]:
    """Leave it to the service behind a route how often it may be used, and say which part of that counts."""
    return _marking(Limit(elsewhere=where))


def unlimited(why: str) -> Callable[[Handler], Handler]:
    """Let a route be used without limit, and say why."""
    return _marking(Limit(why=why))


def limit_of(handler: Callable[..., Any]) -> Limit | None:
    """Return what a route's mark says."""
    return getattr(handler, "limit", None)


async def count(handler: Callable[..., Any], *, asks_again: bool) -> None:
    """Count this request, which has come as far as its handler; raises TooManyTries.

    A Redis that is away or slow keeps nobody out: what is worth guarding asks it again and fails there, and a link to a
    new password works without it.
    """
    limit = limit_of(handler)
    if limit is None or not limit.name:
        return
    try:
        await _take(limit.name)
    except TooManyTries as refusal:
        if limit.at_once or not asks_again:
            raise
        g.refusal = refusal


@asynccontextmanager
async def counting(name: str, outcome: type[Exception]) -> AsyncIterator[None]:
    """Count what is done within if it ends with ``outcome``; raises TooManyTries before it, too many having done so.

    It is counted first and given back else: so of many requests at once no more come to that end than may. None of the
    others is answered either once there were too many, or their answers would tell by what they leave out.
    """
    counted = await _take(name)
    try:
        yield
    except outcome:
        counted = False
        raise
    finally:
        if counted:
            await _give_back(name)


async def _take(name: str) -> bool:
    """Count one by a limit; tells whether it is counted, or will be when Redis has come so far."""
    try:
        async with briefly():
            await services().limits.take(name, _subject(name))
    except TimeoutError:
        log.info("A request was not counted in time by %r.", name)
    except StoreUnavailable as error:
        log.info("A request was not counted by %r: %s.", name, error)
        return False
    return True


async def _give_back(name: str) -> None:
    try:
        async with briefly():
            await services().limits.give_back(name, _subject(name))
    except (StoreUnavailable, TimeoutError) as error:
        log.info("A request stays counted by %r: %r.", name, error)


def _subject(name: str) -> str:
    return identity.signed_in().session.id if name in BY_SESSION else client_network()


def _marking(limit: Limit) -> Callable[[Handler], Handler]:
    def mark(handler: Handler) -> Handler:
        handler.limit = limit  # type: ignore[attr-defined]  # A mark on a function, which has no type.
        return handler

    return mark
