"""What was begun is finished, although the one who awaits it is cancelled."""

import asyncio
import gc
from contextlib import suppress
from contextvars import copy_context

import pytest

from webapp import deadline
from webapp.shielding import in_background, settle, shielded


class Store:
    """Something that is written in two steps."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.half_way = asyncio.Event()
        self.go_on = asyncio.Event()

    @shielded
    async def write(self, *, fails: bool = False) -> str:
        """Write both steps."""
        self.steps.append(1)
        self.half_way.set()
        await self.go_on.wait()
        if fails:
            raise LookupError("half way")
        self.steps.append(2)
        return "written"


async def test_result_and_exception_are_those_of_the_function():
    store = Store()
    store.go_on.set()
    assert await store.write() == "written"
    with pytest.raises(LookupError, match="half way"):
        await store.write(fails=True)


async def test_name_and_docstring_are_those_of_the_function():
    assert (Store.write.__name__, Store.write.__doc__) == ("write", "Write both steps.")


async def test_cancelled_caller_is_gone_at_once_and_the_write_is_finished():
    store = Store()
    caller = asyncio.ensure_future(store.write())
    await store.half_way.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert store.steps == [1]
    # Nobody holds the write any more but the shield.
    gc.collect()
    store.go_on.set()
    await settle()
    assert store.steps == [1, 2]


async def test_write_whose_caller_has_gone_may_fail_in_silence(caplog: pytest.LogCaptureFixture):
    # What other tests have left is told of now, and not below.
    gc.collect()
    caplog.clear()
    store = Store()
    caller = asyncio.ensure_future(store.write(fails=True))
    await store.half_way.wait()
    caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    store.go_on.set()
    await settle()
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_settling_waits_for_every_write_and_for_those_that_they_begin():
    first, second = Store(), Store()

    @shielded
    async def both() -> None:
        await first.write()
        await second.write()

    caller = asyncio.ensure_future(both())
    await first.half_way.wait()
    caller.cancel()
    settled = asyncio.ensure_future(settle())
    first.go_on.set()
    await second.half_way.wait()
    assert not settled.done()
    second.go_on.set()
    await settled
    assert second.steps == [1, 2]


async def test_settling_with_nothing_under_way_returns():
    await asyncio.wait_for(settle(), timeout=1)


async def test_what_nobody_waits_for_does_not_inherit_the_patience_of_its_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = list[float]()

    async def work() -> None:
        left.append(deadline.left(5))

    monkeypatch.setattr(deadline, "PATIENCE", 0)
    request = copy_context()
    request.run(deadline.begin)
    request.run(in_background, work())
    await settle()
    assert left == [5]
