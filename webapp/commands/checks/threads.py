"""Libraries that block, off the event loop, and never waited for at the end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Do ``work`` in a thread of its own and give its result.

    asyncio's own threads are waited for when the program ends, however long somebody far away makes them wait; this
    one is left behind.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is None:
            result.set_result(value)  # type: ignore[arg-type]  # It is None only where T is.
        else:
            result.set_exception(error)

    def do() -> None:
        value, failure = None, None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001  # It goes to whoever waits for the result.
            failure = error
        # The loop is closed where nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, value, failure)

    Thread(target=do, daemon=True).start()
    return await result
