"""The scripts of one account: which keys they touch, and which of them must outlive a failover."""

from pathlib import Path
from typing import Any

from redis.asyncio import RedisCluster

from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script

from .news import CHANNEL, channel_of

SCRIPTS = Path(__file__).parent / "scripts"


class AccountScript:
    """A script over the keys of one account.

    ``lasting`` is for what people are told was done: had a failover undone it, an ended session would answer again, or
    somebody be signed out. "Last seen" is worth no such wait.
    """

    def __init__(self, redis: RedisClient, name: str, *, lasting: bool = True) -> None:
        self._script = Script(redis, text_of(name, sharded=isinstance(redis, RedisCluster)), lasting=lasting)
        self.load = self._script.load

    async def __call__(self, account_id: str, *arguments: str | int) -> Any:  # noqa: ANN401 -- each script answers in its own form.
        """Run it for one account. Raises StoreUnavailable when Redis does not answer as it should.

        The braces are real: they are the cluster's hash tag, and keep all keys of one account in one slot.
        """
        keys = (f"sessions:{{{account_id}}}", f"account:{{{account_id}}}")
        return await self._script(keys, f"session:{{{account_id}}}:", *arguments)


def text_of(name: str, *, sharded: bool) -> str:
    """Give a script as Redis gets it; on a cluster it tells of each account by a ``sharded`` channel of its own."""
    # record.lua puts the account in the place of "%s", where there is one.
    publish, channel = ("SPUBLISH", channel_of("%s")) if sharded else ("PUBLISH", CHANNEL)
    constants = f"local PUBLISH, CHANNEL = '{publish}', '{channel}'\n"
    return constants + _read("record") + _read("secrets") + _read(name)


def _read(name: str) -> str:
    return (SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")
