"""Says in one way that the database does not answer, and lets nobody wait for it for ever.

``DEADLINE`` bounds each use as a whole, on top of what ``opening`` bounds in it.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import exc as sql

from webapp.deadline import left
from webapp.errors import StoreUnavailable
from webapp.shielding import shielded

P = ParamSpec("P")
T = TypeVar("T")

# Seconds from asking for a connection to the last answer. Only a start or a command waits for so long: a request gives
# up with its patience.
DEADLINE = 5

# What StoreUnavailable calls it.
NAME = "the database"
# PostgreSQL's codes for what our statements cannot be blamed for: a server that takes no writes, as a stand-by does
# while another takes over; tables that are missing, since nobody has migrated yet; and rights that the user lacks.
NOT_OUR_FAULT = {"25006", "42P01", "42501"}
# SQLite has one code for faulty SQL and for missing tables.
NO_TABLE = "no such table"


def answering(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Go around every method that uses the database.

    It then raises StoreUnavailable when the database cannot be reached or does not answer within ``DEADLINE``
    seconds, or in what its request has left; every other error of SQLAlchemy is a bug of ours and passes through. And
    it is shielded, reads like writes: a caller who is cancelled goes alone, because a connection that is left in
    mid-answer is lost.
    """

    @shielded
    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        patience = _patience()
        task = asyncio.create_task(function(*args, **kwargs))
        _running.add(task)
        task.add_done_callback(_finished)
        try:
            await asyncio.wait({task}, timeout=patience)
            return _answer(task)
        finally:
            # Who is late is told to stop and not waited for: psycopg would spend another ten seconds on asking a
            # server that hears nothing to break off.
            task.cancel()

    return run


def _patience() -> float:
    try:
        return left(DEADLINE)
    except TimeoutError as error:
        raise StoreUnavailable(NAME) from error


# The event loop keeps only weak references to tasks.
_running: set[asyncio.Task[Any]] = set()


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    # Reading the exception keeps asyncio from complaining about one that nobody waits for any more.
    _ = task.cancelled() or task.exception()


def _answer(task: asyncio.Task[T]) -> T:
    if not task.done():
        raise StoreUnavailable(NAME)
    try:
        return task.result()
    except (OSError, sql.TimeoutError) as error:
        raise StoreUnavailable(NAME) from error
    except sql.DBAPIError as error:
        if not _unanswered(error):
            raise
        raise StoreUnavailable(NAME) from error


def _unanswered(error: sql.DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, sql.InterfaceError):
        return True
    if getattr(error.orig, "sqlstate", None) in NOT_OUR_FAULT or str(error.orig).startswith(NO_TABLE):
        return True
    # SQLite uses its OperationalError for faulty SQL too, and tells it apart by this code.
    faulty = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return isinstance(error, sql.OperationalError) and not faulty
