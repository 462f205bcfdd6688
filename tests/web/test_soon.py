"""One timer for all that is to be done soon."""

import asyncio
from functools import partial

from webapp.web.soon import Soon

SECONDS = 0.02


async def test_what_was_added_is_done_in_its_order_and_what_was_taken_back_is_not():
    soon, last = Soon(SECONDS), asyncio.Event()
    done: list[int] = []
    acts = [partial(done.append, number) for number in range(3)]
    for act in acts:
        soon.add(act)
    soon.take_back(acts[1])
    await asyncio.sleep(0)
    soon.add(last.set)
    assert done == []
    async with asyncio.timeout(10):
        await last.wait()
    assert done == [0, 2]
    soon.take_back(acts[0])


async def test_none_is_done_before_its_time():
    soon, loop = Soon(SECONDS), asyncio.get_running_loop()
    done = loop.create_future()
    soon.add(lambda: None)
    await asyncio.sleep(SECONDS * 0.8)
    begun = loop.time()
    soon.add(lambda: done.set_result(loop.time()))
    async with asyncio.timeout(10):
        assert await done - begun >= SECONDS * 0.8
