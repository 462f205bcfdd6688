"""Opens the Redis that the settings name: alone, behind Sentinel, or as a cluster.

One pool a process, with a bound on everything: Heroku's smallest store allows 20 connections in all, and
redis-py's own defaults (8.1) wait 5 s, retry ten times or never, and fail when the pool is empty.
"""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff

from webapp.settings import Settings

from .clients import BoundedRedis, RedisClient, ReplicatedRedis
from .cluster import BoundedCluster
from .pool import QuickPool
from .sentinel import SentinelPool

# A healthy Redis answers within a millisecond. One that took two seconds will not hurry for the third.
TIMEOUT = 2.0
# A restart of Redis or a lost connection is over in an instant, or it is not: two more tries, a pause before each.
RETRIES = 2
BACKOFF_BASE, BACKOFF_CAP = 0.05, 0.3
# Routers drop connections that were silent for minutes without a word: one silent for longer than this
# is asked whether it still lives before it is used.
HEALTH_CHECK_INTERVAL = 30
# Sentinels are several and asked in turn: one that is gone must leave time for the next.
SENTINEL_TIMEOUT = 0.5
# Of the connections that the settings allow, on a cluster to each node: that of the subscription, which can be used for
# nothing else.
SUBSCRIPTION = 1

REDIS_PORT, SENTINEL_PORT = 6379, 26379


def open_redis(settings: Settings) -> RedisClient:
    """Make the client for ``settings.redis_url``; it connects with its first command. Close it with ``aclose()``.

    Answers are text; bytes that are not UTF-8 become question marks instead of errors, since what stands in Redis is
    input too.
    """
    url = urlsplit(settings.redis_url)
    if url.scheme.endswith("+sentinel"):
        return _open_sentinel(url, settings)
    if url.scheme.endswith("+cluster"):
        return _open_cluster(url, settings)
    tls = _tls(settings) if url.scheme == "rediss" else {}
    pool = QuickPool.from_url(settings.redis_url, **_pool(settings), **_options(), **tls)
    return BoundedRedis.from_pool(pool)


def _open_sentinel(url: SplitResult, settings: Settings) -> Redis:
    service, _, db = url.path.strip("/").partition("/")
    sentinel = Sentinel(_hosts(url, SENTINEL_PORT), sentinel_kwargs=_sentinel_options(url))  # type: ignore[no-untyped-call] # It has no types.
    pool = SentinelPool(
        unquote(service), sentinel, db=int(db or 0), **_pool(settings), **_credentials(url), **_options()
    )
    return ReplicatedRedis.from_pool(pool)


def _open_cluster(url: SplitResult, settings: Settings) -> RedisCluster:
    return BoundedCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in _hosts(url, REDIS_PORT)],
        max_connections=_for_commands(settings),
        **_credentials(url),
        **_options(),
    )


def _pool(settings: Settings) -> dict[str, Any]:
    return {"max_connections": _for_commands(settings), "timeout": TIMEOUT}


def _for_commands(settings: Settings) -> int:
    return settings.redis_connections - SUBSCRIPTION


def _options() -> dict[str, Any]:
    return {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(ExponentialWithJitterBackoff(base=BACKOFF_BASE, cap=BACKOFF_CAP), RETRIES),
        "health_check_interval": HEALTH_CHECK_INTERVAL,
        "decode_responses": True,
        "encoding_errors": "replace",
    }


def _tls(settings: Settings) -> dict[str, Any]:
    # Heroku's Key-Value Store shows a self-signed chain: still encrypted, but to whom is not known.
    return {} if settings.redis_tls_verify else {"ssl_cert_reqs": "none", "ssl_check_hostname": False}


def _sentinel_options(url: SplitResult) -> dict[str, Any]:
    # The password is the servers'. A sentinel without one accepts any; one with its own is named in the query.
    query = dict(parse_qsl(url.query))
    return {
        "username": query.get("sentinel_username"),
        "password": query.get("sentinel_password", _credentials(url)["password"]),
        "socket_timeout": SENTINEL_TIMEOUT,
        "socket_connect_timeout": SENTINEL_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": True,
    }


def _credentials(url: SplitResult) -> dict[str, str | None]:
    return {
        "username": unquote(url.username) if url.username else None,
        "password": unquote(url.password) if url.password else None,
    }


def _hosts(url: SplitResult, port: int) -> list[tuple[str, int]]:
    """Read ``host:port,host:port``; brackets around IPv6 addresses, the usual port where none stands."""
    each = [urlsplit(f"//{part}") for part in url.netloc.rpartition("@")[2].split(",") if part]
    return [(part.hostname or "localhost", part.port or port) for part in each]
