"""What a change of an account owes in Redis, and an honest answer where that has to wait.

A change and what it owes are one piece of work: a handler does both within one function that is ``shielded``. Else a
browser that hangs up in between would leave the second half to the server, which comes to it only a while later.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus

from quart import Response

from webapp.errors import StoreUnavailable
from webapp.outbox import Entry

from .context import services
from .error_words import Words
from .errors import STORE_RETRY, ErrorAnswer, answer

log = logging.getLogger(__name__)


async def settle(entries: Iterable[Entry]) -> bool:
    """Do what a change owes and tell whether it is done; where Redis is away, the server does the rest later."""
    try:
        await services().deeds.settle(entries)
    except StoreUnavailable as failure:
        left_for_later(failure)
        return False
    return True


def left_for_later(failure: StoreUnavailable) -> None:
    """Note why a change stands and what it owes does not."""
    log.warning("%s after an account was changed; what that owes is done later.", failure)


async def stands_all_the_same(stands: Words, way_out: tuple[str, str]) -> Response:
    """Say what stands although Redis is away."""
    return await answer(ErrorAnswer(HTTPStatus.SERVICE_UNAVAILABLE, stands, STORE_RETRY, way_out))
