"""A Redis that says nothing: its callers would all wait, each as long as the first, and hold every connection.

Refusing is quick and needs no help. Silence is not: a frozen server, or a network that swallows packets. Once one call
has waited in vain while nobody else was answered either, only one caller at a time goes on asking, and not for long;
who comes meanwhile waits for what that one hears. The first answer ends it for all, and fails nobody.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from webapp.deadline import left

# Seconds for a call in all: waiting for a connection, connecting, and every retry. A page that cannot be had says so
# within 5 s.
ANSWER_WITHIN = 4.0
# Seconds without any answer to anybody after which a call in vain means silence. One that was given less time than
# this by its request proves nothing.
SILENT_AFTER = 2.0
# Seconds for the first one who asks, and for those who wait for what he hears: so short that everybody is back within
# 2 s of Redis. Who asks after him in vain gets twice as long, up to ANSWER_WITHIN: where connecting takes longer than
# this, the silence would never end.
ASK_WITHIN = 1.0

# What Redis itself says, if only that it refuses, is an answer; a connection that fails is not. A deadline that passed
# is an OSError.
NO_ANSWER = (RedisTimeoutError, RedisConnectionError, RedisClusterException, OSError)


@dataclass(slots=True)
class Call:
    """One call, with the moment in which Redis was ``asked``; None while the call waits for something else."""

    asked: float | None


class Silence:
    """A circuit breaker for one Redis: bounds its calls, and remembers whether it is silent.

    Open while Redis is silent, and half open for the one who asks; others wait for him, instead of failing at once.
    """

    def __init__(self) -> None:
        self._silent = False
        self._heard = 0.0
        self._ask_within = ASK_WITHIN
        # Whether Redis was heard, once the one who asks knows it; None where he was cancelled.
        self._asking: asyncio.Future[bool | None] | None = None

    @asynccontextmanager
    async def bounded(self) -> AsyncIterator[Call]:
        """Go around a call. Raises TimeoutError when it has no answer within ANSWER_WITHIN seconds.

        That is ASK_WITHIN for those who wait while another asks, and less where a request has less time left.
        """
        call = Call(asked=time.monotonic())
        try:
            async with asyncio.timeout(left(ANSWER_WITHIN)):
                if await self._is_for_us_to_ask():
                    async with self._ask():
                        yield call
                else:
                    yield call
        except NO_ANSWER as error:
            self._note_failure(error, call)
            raise
        except RedisError:
            self._note_answer()
            raise
        self._note_answer()

    async def _is_for_us_to_ask(self) -> bool:
        """Wait while another asks; False when Redis is not silent, TimeoutError when the other one heard nothing."""
        while self._silent:
            if self._asking is None:
                return True
            async with asyncio.timeout(ASK_WITHIN):
                heard = await asyncio.shield(self._asking)
            if heard is False:
                raise TimeoutError("Redis has said nothing for a while.")
        return False

    @asynccontextmanager
    async def _ask(self) -> AsyncIterator[None]:
        self._asking = asking = asyncio.get_running_loop().create_future()
        heard: bool | None = None
        try:
            async with asyncio.timeout(self._ask_within):
                yield
            heard = True
        except NO_ANSWER:
            heard = False
            self._ask_within = min(2 * self._ask_within, ANSWER_WITHIN)
            raise
        except RedisError:
            heard = True
            raise
        finally:
            self._asking = None
            asking.set_result(heard)

    def _note_failure(self, error: Exception, call: Call) -> None:
        late = isinstance(error, (TimeoutError, RedisTimeoutError))
        if late and call.asked is not None and time.monotonic() - max(call.asked, self._heard) >= SILENT_AFTER:
            self._silent = True

    def _note_answer(self) -> None:
        self._silent = False
        self._heard = time.monotonic()
        self._ask_within = ASK_WITHIN
