"""Redis: reachable, protected, and fit to hold sessions; alone, behind Sentinel, or as a cluster."""

import time
from asyncio import gather
from contextlib import suppress
from urllib.parse import urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool

from webapp.accounts.model import new_id
from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient, open_redis
from webapp.redis_connection.scripts import REDIS_FAILURES
from webapp.sessions.store import SessionStore
from webapp.settings import Settings

from . import redis_cluster, redis_news, redis_sentinels
from .findings import Finding, Mark, ok, warning, wrong
from .redis_facts import Clock, look_at
from .redis_reasons import reason
from .redis_rules import judge
from .surroundings import is_this_machine


async def examine(settings: Settings, platform: str | None, clock: Clock = time.time) -> list[Finding]:
    """Check the Redis that the settings name; nothing is written to it."""
    url = urlsplit(settings.redis_url)
    client = open_redis(settings)
    try:
        return [*await _examine(client, settings, clock), protection(settings, platform)]
    except REDIS_FAILURES as error:
        where = url.path if url.scheme == "unix" else url.netloc.rpartition("@")[2]
        return [
            wrong(f"Redis at {where} cannot be used: {reason(error, tls=url.scheme.startswith('rediss'))}"),
            *await _sentinels(client),
        ]
    finally:
        with suppress(*REDIS_FAILURES):
            await client.aclose()


async def _examine(client: RedisClient, settings: Settings, clock: Clock) -> list[Finding]:
    if isinstance(client, RedisCluster):
        found = await redis_cluster.examine(client, settings, clock)
        # Whose node is missing has no scripts either, and that was told.
        return found if any(finding.mark is Mark.WRONG for finding in found) else [*found, *await _rights(client)]
    server, sentinels = await gather(look_at(client.execute_command, "Redis", clock), _sentinels(client))
    return [*judge(server, settings), *sentinels, *await _rights(client)]


async def _sentinels(client: RedisClient) -> list[Finding]:
    pool = client.connection_pool if isinstance(client, Redis) else None
    return await redis_sentinels.examine(pool) if isinstance(pool, SentinelConnectionPool) else []


async def _rights(client: RedisClient) -> list[Finding]:
    """Say what Redis's user may not do and has to."""
    return [*await _scripts(client), await redis_news.examine(client)]


async def _scripts(client: RedisClient) -> list[Finding]:
    """Run the one that lists sessions, for somebody who is nobody: it finds none and writes nothing."""
    try:
        await SessionStore(client).list(new_id())
    except StoreUnavailable as failure:
        said = str(failure.__cause__).partition("\n")[0].rstrip(".")
        return [
            wrong(f"It does not run our scripts ({said}). Its user needs all keys, and the commands of @scripting.")
        ]
    return []


def protection(settings: Settings, platform: str | None) -> Finding:
    """Say who could listen to the connection, by where REDIS_URL leads."""
    url = urlsplit(settings.redis_url)
    hosts = url.netloc.rpartition("@")[2].split(",")
    if url.scheme == "unix" or all(is_this_machine(urlsplit(f"//{host}").hostname or "") for host in hosts):
        return ok("The connection stays on this machine.")
    if not url.scheme.startswith("rediss"):
        return _in_the_clear(platform)
    if settings.redis_tls_verify:
        return ok("The connection is encrypted, and its certificate verified.")
    unknown = "The connection is encrypted, and to whom is not known (REDIS_TLS_VERIFY=false)"
    if platform == "heroku":
        return ok(f"{unknown}, as Heroku's certificate wants it.")
    return warning(f"{unknown}: right for Heroku's self-signed certificate. Elsewhere set it to true.")


def _in_the_clear(platform: str | None) -> Finding:
    if platform == "render":
        return ok("The connection is not encrypted, inside Render's private network.")
    return warning(
        "The connection is not encrypted: right inside a private network alone, since whoever listens can make "
        "sessions. Else write rediss://."
    )
