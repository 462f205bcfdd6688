"""Housekeeping that is nobody's entry, such as removing what is dead: done now and then by every process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from secrets import SystemRandom
from typing import NoReturn

from webapp.errors import StoreUnavailable

log = logging.getLogger(__name__)

# Processes that were started together do not sweep together.
SHORTEST, LONGEST = 0.5, 1.5

_random = SystemRandom()


Sweep = Callable[[], Awaitable[None]]


async def sweep_again_and_again(sweeps: Collection[Sweep], seconds: float) -> NoReturn:
    """Sweep about every so many seconds, whatever comes of each, until cancelled."""
    while True:
        await asyncio.sleep(seconds * _random.uniform(SHORTEST, LONGEST))
        for sweep in sweeps:
            await _try(sweep)


async def _try(sweep: Sweep) -> None:
    try:
        await sweep()
    except StoreUnavailable as failure:
        log.warning("Sweeping waits: %s.", failure)
    except Exception:
        log.exception("Sweeping met a bug of ours.")
