"""The pause after a failure counts failures in a row, and not how often an entry was claimed."""

import asyncio
from datetime import datetime

from outbox.world import DAY, PATIENCE, Clock, claim_one, make_entry

from webapp.outbox import Entry, Handler, NotYet, Outbox
from webapp.outbox.attempts import SPREAD, Attempts


async def look(entry: Entry) -> None:
    """Find that there is nothing to do yet."""
    raise NotYet(entry, entry.due + DAY / 24)


async def fail(_: Entry) -> None:
    raise ConnectionRefusedError


async def attempt(outbox: Outbox, handler: Handler) -> None:
    ends = asyncio.get_running_loop().time() + PATIENCE
    await Attempts(outbox, {"mail": handler}).make(await claim_one(outbox), ends)


async def due(outbox: Outbox) -> datetime:
    """Tell when the entry is due."""
    found = await outbox.next_due(["mail"])
    assert found is not None
    return found


async def test_entry_that_was_looked_at_often_is_tried_again_as_soon_as_a_new_one(outbox: Outbox, clock: Clock) -> None:
    await outbox.add(make_entry())
    for _ in range(9):
        await attempt(outbox, look)
        clock.now = await due(outbox)
    for seconds in (10, 30):
        await attempt(outbox, fail)
        assert abs((await due(outbox) - clock.now).total_seconds() - seconds) <= seconds * SPREAD
        clock.now = await due(outbox)


async def test_failures_before_a_look_that_succeeded_make_no_pause_longer(outbox: Outbox, clock: Clock) -> None:
    await outbox.add(make_entry())
    for _ in range(6):
        await attempt(outbox, fail)
        clock.now = await due(outbox)
    await attempt(outbox, look)
    clock.now = await due(outbox)
    await attempt(outbox, fail)
    assert (await due(outbox) - clock.now).total_seconds() <= 10 * (1 + SPREAD)
