"""The scripts of one account: which keys they touch, and which of them must outlive a failover."""

from pathlib import Path
from typing import Any

from redis.asyncio import RedisCluster

from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script

from .handover import Handover
from .news import CHANNEL, channel_of

SCRIPTS = Path(__file__).parent / "scripts"
# Those of the version before, as it has them, for what stands in its form.
FIRST = SCRIPTS / "first"
# What a script answers that has found the account in the other form: the version before's, and ours.
IN_FIRST_FORM, IN_THIS_FORM = "first", "moved"
# What every script begins with.
PARTS = ("record", "account", "secrets", "adopt")
FIRST_PARTS = ("guard", "record", "secrets")
# An account is taken over once; it is in neither form again only where all of its sessions ended in between.
TURNS = 3


class AccountScript:
    """A script over what Redis has of one account, in the form in which it stands there.

    ``lasting`` is for what people are told was done: had a failover undone it, an ended session would answer again, or
    somebody be signed out. "Last seen" is worth no such wait. ``handover`` says when an account may be taken over from
    the form of the version before.
    """

    def __init__(
        self, redis: RedisClient, name: str, *, lasting: bool = True, handover: Handover | None = None
    ) -> None:
        sharded = isinstance(redis, RedisCluster)
        self._redis = redis
        self._handover = handover or Handover()
        self._script = Script(redis, text_of(name, sharded=sharded), lasting=lasting)
        self._first = Script(redis, first_text_of(name, sharded=sharded), lasting=lasting)

    async def load(self) -> None:
        """Make Redis know the script before its first use. Raises StoreUnavailable."""
        await self._script.load()
        if not self._handover.is_over:
            await self._first.load()

    async def __call__(self, account_id: str, *arguments: str | int) -> Any:  # noqa: ANN401 -- each script answers in its own form.
        """Run it for one account. Raises StoreUnavailable when Redis does not answer as it should.

        The braces are real: they are the cluster's hash tag, and keep all keys of one account in one slot.
        """
        may = 1 if self._handover.is_over else 0
        answer = await self._script((f"in:{{{account_id}}}",), may, *arguments)
        return await self._in_first_form(account_id, *arguments) if answer == IN_FIRST_FORM else answer

    async def _in_first_form(self, account_id: str, *arguments: str | int) -> Any:  # noqa: ANN401 -- the same.
        await self._handover.resume(self._redis)
        old = (f"sessions:{{{account_id}}}", f"account:{{{account_id}}}")
        for _ in range(TURNS):
            answer = await self._first(old, f"session:{{{account_id}}}:", *arguments)
            if answer != IN_THIS_FORM:
                return answer
            # Another process has taken the account over a moment ago.
            answer = await self._script((f"in:{{{account_id}}}",), 0, *arguments)
            if answer != IN_FIRST_FORM:
                return answer
        raise StoreUnavailable("Redis")


def text_of(name: str, *, sharded: bool) -> str:
    """Give a script as Redis gets it; on a cluster it tells of each account by a ``sharded`` channel of its own."""
    return _constants(sharded=sharded) + "".join(_read(part) for part in (*PARTS, name))


def first_text_of(name: str, *, sharded: bool) -> str:
    """Give the same script for the form of the version before."""
    return _constants(sharded=sharded) + "".join(_read(f"first/{part}") for part in (*FIRST_PARTS, name))


def _constants(*, sharded: bool) -> str:
    # tell() puts the account in the place of "%s", where there is one.
    publish, channel = ("SPUBLISH", channel_of("%s")) if sharded else ("PUBLISH", CHANNEL)
    return f"local PUBLISH, CHANNEL = '{publish}', '{channel}'\n"


def _read(name: str) -> str:
    return (SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")
