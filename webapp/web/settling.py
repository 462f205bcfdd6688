"""What a change of an account owes in Redis, and an honest answer where that has to wait."""

import logging
from collections.abc import Iterable
from http import HTTPStatus

from quart import Response

from webapp.errors import StoreUnavailable
from webapp.outbox import Entry

from .context import services
from .error_words import Words
from .errors import STORE_RETRY, ErrorAnswer, answer
from .forms.base import BaseForm

log = logging.getLogger(__name__)


async def settle(entries: Iterable[Entry], form: BaseForm, stands: Words, way_out: tuple[str, str]) -> Response | None:
    """Do what a change owes; where Redis is away, return the answer that says what stands all the same.

    The server does the rest when Redis is back. The form is done in any case: it is not shown to be sent once more.
    """
    form.used()
    try:
        await services().deeds.settle(entries)
    except StoreUnavailable as failure:
        return await stands_all_the_same(failure, stands, way_out)
    return None


async def stands_all_the_same(failure: StoreUnavailable, stands: Words, way_out: tuple[str, str]) -> Response:
    """Say what stands although Redis is away."""
    log.warning("%s after an account was changed; what that owes is done later.", failure)
    return await answer(ErrorAnswer(HTTPStatus.SERVICE_UNAVAILABLE, stands, STORE_RETRY, way_out))
