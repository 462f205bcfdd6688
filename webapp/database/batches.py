"""Deleting any number of rows, a thousand at a time: no single statement outlasts the patience of ``answering``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from .waiting import answering

# A slow disk deletes so many in some tenths of a second, and nobody waits longer for a row of theirs.
BATCH = 1000


async def delete_in_batches(
    engine: AsyncEngine, key: Sequence[Column[str]], condition: ColumnElement[bool], oldest_first: Column[datetime]
) -> None:
    """Delete what meets ``condition`` in transactions of BATCH rows; raises StoreUnavailable, with part of it done.

    ``key`` are the columns of the primary key, and ``oldest_first`` is a column with an index, by which they are found.
    """
    wanted = select(*key).where(condition).order_by(oldest_first).limit(BATCH)
    while await _delete(engine, key, wanted) == BATCH:
        pass


@answering
async def _delete(engine: AsyncEngine, key: Sequence[Column[str]], wanted: Select[*tuple[Any, ...]]) -> int:
    # What somebody else holds at this moment is left to the next time, or the two could wait for each other. A CTE, so
    # that the choice is made once: PostgreSQL may run a plain subquery again for each row.
    chosen = wanted.with_for_update(skip_locked=True).cte("chosen", nesting=True)
    async with engine.begin() as db:
        return (await db.execute(delete(key[0].table).where(tuple_(*key).in_(select(chosen))))).rowcount
