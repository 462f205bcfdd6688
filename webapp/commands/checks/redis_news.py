"""Whether Redis's user may tell and hear at once that sessions have ended; nothing is told to anybody."""

import asyncio
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoPermissionError, ResponseError

from webapp.accounts.model import new_id
from webapp.redis_connection import RedisClient
from webapp.redis_connection.cluster import BoundedCluster
from webapp.redis_connection.subscription_line import connection_of
from webapp.sessions.news import CHANNEL, channel_of

from .findings import Finding, ok, warning

# Seconds for all of it.
ANSWERS_WITHIN = 5

LOST = (
    "Its user may not tell and hear news ({said}): pages that are open learn only after minutes that their session was "
    "ended elsewhere. Add to the user's rules (ACL SETUSER): {rules}"
)
# What is sharded; a server of before 7.0 knows nothing of that, and is sent the others.
SHARDED, PLAIN = ("SPUBLISH", "SSUBSCRIBE"), ("PUBLISH", "SUBSCRIBE")
UNKNOWN = "unknown command"


async def examine(client: RedisClient) -> Finding:
    """Check the rights of the client's user. Raises what redis-py raises where Redis does not answer."""
    connection = _connection(client)
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            await connection.connect()  # type: ignore[no-untyped-call] # It has no types.
            if isinstance(client, Redis):
                return await _judge(connection, CHANNEL, PLAIN, f"&{CHANNEL} +publish +subscribe")
            rules = "&events:* +spublish +ssubscribe"
            return await _judge(connection, channel_of(new_id()), SHARDED, rules)
    finally:
        await connection.disconnect(nowait=True)


def _connection(client: RedisClient) -> AbstractConnection:
    if isinstance(client, Redis):
        pool = client.connection_pool
        return connection_of(pool.connection_class, pool.connection_kwargs)
    # Users are the same on all nodes, or one of them cannot be used at all.
    node = cast("BoundedCluster", client).get_primaries()[0]
    return connection_of(node.connection_class, node.connection_kwargs)


async def _judge(connection: AbstractConnection, channel: str, commands: tuple[str, str], rules: str) -> Finding:
    """Queue the commands and throw them away: whether they are allowed is said at once, and none is carried out."""
    publish, subscribe = commands
    if isinstance(refusal := await _answer(connection, "MULTI"), ResponseError):
        return warning(f"Whether its user may tell and hear news cannot be seen ({_said(refusal)}).")
    answers = [
        await _answer(connection, publish, channel, ""),
        await _answer(connection, subscribe, channel),
        await _answer(connection, "DISCARD"),
    ]
    for answer in answers:
        if isinstance(answer, NoPermissionError):
            return warning(LOST.format(said=_said(answer), rules=rules))
        if commands != PLAIN and isinstance(answer, ResponseError) and UNKNOWN in str(answer):
            return await _judge(connection, channel, PLAIN, rules.replace("+s", "+"))
    return ok("Its user may tell and hear news: a session that is ended elsewhere turns its open pages at once.")


async def _answer(connection: AbstractConnection, *command: str) -> object:
    await connection.send_command(*command, check_health=False)
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal


def _said(refusal: ResponseError) -> str:
    return str(refusal).partition("\n")[0].rstrip(".")
