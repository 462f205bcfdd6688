"""The forms of Redis on which the rooms that speak to it are tested, each in real processes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from own_redis import StandaloneRedis, any_binary
from programs import program
from redis_deployments import ClusterRedis, SentinelRedis
from system_packages import REDIS

from webapp.dev import redis_server

Deployment = StandaloneRedis | SentinelRedis | ClusterRedis

PASSWORD = "s3cret of/Redis's own@#"


def _installed(folder: Path) -> Deployment:
    return StandaloneRedis(folder, Path(program(REDIS)), append_only=True)


def _embedded(folder: Path) -> Deployment:
    return StandaloneRedis(folder, redis_server.EMBEDDED_BINARY, append_only=True)


def _with_tls(folder: Path) -> Deployment:
    # As Heroku has it; the embedded one cannot do it.
    try:
        return StandaloneRedis(folder, Path(program(REDIS)), tls=True, password=PASSWORD, append_only=True)
    except RuntimeError:
        return _lacking("The installed Redis was built without TLS; Debian's redis-server has it.")


def _with_password(folder: Path) -> Deployment:
    return StandaloneRedis(folder, any_binary(), tcp=True, password=PASSWORD, append_only=True)


def _behind_sentinels(folder: Path) -> Deployment:
    return SentinelRedis(folder, any_binary())


def _as_cluster(folder: Path) -> Deployment:
    return ClusterRedis(folder, any_binary())


FORMS: dict[str, Callable[[Path], Deployment]] = {
    "installed": _installed,
    "embedded": _embedded,
    "tls": _with_tls,
    "password": _with_password,
    "sentinel": _behind_sentinels,
    "cluster": _as_cluster,
}


def configure(redis: Deployment, name: str, value: str | int) -> None:
    """Change a setting of every server that takes writes."""
    for server in redis.primaries():
        server.cli("CONFIG SET", name, value)


@contextmanager
def stopped(redis: Deployment) -> Iterator[None]:
    """Let it be gone for a while, and come back with what it has kept."""
    redis.stop()
    try:
        yield
    finally:
        redis.start()


@contextmanager
def frozen(redis: Deployment) -> Iterator[None]:
    """Let it answer nobody for a while."""
    redis.freeze()
    try:
        yield
    finally:
        redis.thaw()


@contextmanager
def full(redis: Deployment) -> Iterator[None]:
    """Let it have no memory left for a while."""
    configure(redis, "maxmemory", 1)
    try:
        yield
    finally:
        configure(redis, "maxmemory", 0)


def _lacking(how: str) -> Deployment:
    if os.environ.get("CI") == "true":
        pytest.fail(how)
    pytest.skip(how)
