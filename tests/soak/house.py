"""The real server and the parts that it stands on, all of one's own, so that each may be broken."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from gatehouse import Gatehouse
from own_redis import any_binary
from pages import ORIGIN
from redis_deployments import NOTICED_SOON, ClusterRedis, SentinelRedis, StandaloneRedis
from servers import PostgresServer
from soak.renewal_clock import MovedRedis

from webapp.database import migrate

SETTINGS = {
    "APP_ENV": "production",
    "PUBLIC_URL": ORIGIN,
    "TRUSTED_PROXY": "none",
    # People look often enough here that every other look is a write, which may meet the end of its session.
    "SESSION_TOUCH": "1s",
    # Short enough that acts are sometimes asked to be confirmed first.
    "REAUTH_WINDOW": "60s",
    # Tries that a broken part left counted and not given back are no wrong passwords. See plan.py for the real limit.
    "LOGIN_LIMIT": "1000/15m",
}
# What was acknowledged is on disk, as PostgreSQL has it without being told otherwise.
DURABLE = "synchronous_commit=on"
# As few connections as the smallest plans allow, so that others can take them all.
FEW = "max_connections=20"


class AnyRedis(Protocol):
    """What all forms of Redis have in common."""

    url: str
    variables: dict[str, str]

    def stop(self) -> None: ...


R = TypeVar("R", bound=AnyRedis)


@dataclass(frozen=True)
class House(Generic[R]):
    """The server, and what it stands on."""

    server: Gatehouse
    redis: R
    postgres: PostgresServer

    @property
    def port(self) -> int:
        """The port that the server listens on, of this computer."""
        return urlsplit(self.server.url).port or 0


@contextmanager
def standalone(**variables: str) -> Iterator[House[StandaloneRedis]]:
    """Put the server on one Redis that keeps what it acknowledged."""
    with _house(lambda folder: StandaloneRedis(folder, any_binary(), append_only=True), variables) as house:
        yield house


@contextmanager
def behind_sentinel(**variables: str) -> Iterator[House[SentinelRedis]]:
    """Put the server on a primary with a replica, watched by sentinels."""
    with _house(lambda folder: SentinelRedis(folder, any_binary(), noticed_after=NOTICED_SOON), variables) as house:
        yield house


@contextmanager
def on_cluster(**variables: str) -> Iterator[House[ClusterRedis]]:
    """Put the server on a cluster of three primaries."""
    with _house(lambda folder: ClusterRedis(folder, any_binary(), noticed_after=NOTICED_SOON), variables) as house:
        yield house


@contextmanager
def with_moved_clock(**variables: str) -> Iterator[House[MovedRedis]]:
    """Put the server on one Redis whose clock can be moved."""
    with _house(MovedRedis, variables) as house:
        yield house


@contextmanager
def _house(start_redis: Callable[[Path], R], variables: Mapping[str, str]) -> Iterator[House[R]]:
    with ExitStack() as stack:
        folder = _folder(stack)
        redis = start_redis(_inside(folder, "redis"))
        stack.callback(redis.stop)
        postgres = PostgresServer(_inside(folder, "postgres"), DURABLE, FEW)
        stack.callback(postgres.stop)
        database = postgres.url("postgres")
        migrate.upgrade(database)
        server = Gatehouse(folder, redis.url, **{**SETTINGS, **redis.variables, "DATABASE_URL": database, **variables})
        stack.callback(server.stop)
        yield House(server, redis, postgres)


def _folder(stack: ExitStack) -> Path:
    # Sockets lie in it, and their paths may have 107 bytes at the most.
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))
    # PostgreSQL may have to run as somebody else, who has to get through.
    folder.chmod(0o711)
    return folder


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir()
    return path
