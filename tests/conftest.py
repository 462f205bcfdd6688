"""The real servers as fixtures, each started when the first test asks for it and empty for every test; and the site."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from argon2.profiles import CHEAPEST
from hypothesis import HealthCheck, settings
from own_redis import SLOW
from pages import ORIGIN, Site
from redis_clients import opened
from redis_forms import FORMS, Deployment
from servers import PostgresServer
from serving import serving
from sqlalchemy.ext.asyncio import AsyncEngine
from stores import Stores

from webapp import deadline
from webapp.accounts.passwords import PasswordHasher
from webapp.database import migrate, open_engine, opening, waiting
from webapp.dev import redis_server
from webapp.redis_connection import RedisClient

# What these rooms say to Redis must be understood by it in all its forms; the others take the simplest.
ROOMS_WITH_EVERY_REDIS = {"sessions", "throttle"}

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
# Seconds that a database may take for an answer where a test is not about how long it is waited for.
PATIENCE = 30

# The same examples in every run, however long one of them takes on a busy machine. To look for new ones by hand:
# `make test PYTEST_ARGS=--hypothesis-profile=explore`; what it finds becomes an @example.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", UNHURRIED, derandomize=True)
settings.register_profile("explore", UNHURRIED, max_examples=1000)
settings.load_profile("suite")

StartRedis = Callable[[str], Deployment]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the rooms that speak Redis once for each form of it."""
    if "redis_form" in metafunc.fixturenames and ROOMS_WITH_EVERY_REDIS & set(metafunc.definition.path.parts):
        metafunc.parametrize("redis_form", [pytest.param(form, marks=_time_for(form)) for form in FORMS])


def _time_for(form: str) -> list[pytest.MarkDecorator]:
    """Give tests more time where several servers have to find each other first."""
    return [pytest.mark.timeout(SLOW)] if form in {"sentinel", "cluster"} else []


@pytest.fixture(scope="session")
def servers() -> Iterator[ExitStack]:
    """Collect what is to be stopped and removed at the end of the run."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def start_redis(servers: ExitStack) -> StartRedis:
    """Give the one Redis of the run in a form."""

    @cache
    def start(form: str) -> Deployment:
        redis = FORMS[form](_folder(servers))
        servers.callback(redis.stop)
        return redis

    return start


@pytest.fixture(scope="session")
def postgres(servers: ExitStack) -> PostgresServer:
    """Give the one PostgreSQL of the run; it holds a migrated database named ``migrated``, which is only copied."""
    server = PostgresServer(_folder(servers))
    servers.callback(server.stop)
    migrate.upgrade(server.create("migrated"))
    return server


@pytest.fixture(scope="session")
def migrated_sqlite(servers: ExitStack) -> Path:
    """Give a migrated SQLite file, which is only copied."""
    path = _folder(servers) / "migrated.sqlite3"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def redis_form() -> str:
    """Name the form that `make run` would take."""
    return next(iter(redis_server.binaries()))


@pytest.fixture
def deployment(start_redis: StartRedis, redis_form: str) -> Deployment:
    """Give an empty Redis."""
    redis = start_redis(redis_form)
    redis.flush()
    return redis


@pytest.fixture
def redis_url(deployment: Deployment) -> str:
    """Give the address of an empty Redis."""
    return deployment.url


@pytest.fixture
async def redis(deployment: Deployment) -> AsyncIterator[RedisClient]:
    """Connect to an empty Redis with everything that production sets."""
    async with opened(deployment.url, **deployment.variables) as client:
        yield client


@pytest.fixture
def bare_postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    """Give the address of an empty PostgreSQL database without any tables."""
    yield from _database(postgres, template="template1")


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    """Give the address of a migrated PostgreSQL database without any rows."""
    yield from _database(postgres, template="migrated")


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give the address of a migrated SQLite database without any rows."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'gatehouse.sqlite3')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a migrated database without any rows, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncEngine]:
    """Give an engine on an empty, migrated database, which may take its time on a busy machine."""
    monkeypatch.setattr(waiting, "DEADLINE", PATIENCE)
    for bound in ("POOL_TIMEOUT", "CONNECT_TIMEOUT", "LOCK_TIMEOUT", "STATEMENT_TIMEOUT"):
        monkeypatch.setattr(opening, bound, PATIENCE)
    engine = open_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def cheap_hasher() -> Callable[[], PasswordHasher]:
    """Make hashers that take no time, for tests that are not about hashing."""
    return partial(PasswordHasher, CHEAPEST)


def _folder(servers: ExitStack) -> Path:
    # Not pytest's own folder: sockets lie in it, and their paths may have 107 bytes at the most.
    return Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-")))


def _database(postgres: PostgresServer, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield postgres.create(name, template=template)
    postgres.drop(name)


@pytest.fixture
def environ(redis_url: str, sqlite_url: str) -> dict[str, str]:
    """Return the environment of the site; a test may change it before it asks for ``site``."""
    return {
        "APP_ENV": "production",
        "SECRET_KEY": SECRET,
        "REDIS_URL": redis_url,
        "DATABASE_URL": sqlite_url,
        "PUBLIC_URL": ORIGIN,
    }


@pytest.fixture
def stores(redis_url: str, sqlite_url: str) -> Iterator[Stores]:
    """Look into the stores of the site, past the application."""
    stores = Stores(redis_url, Path(sqlite_url.removeprefix("sqlite:///")))
    yield stores
    stores.close()


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site that ``environ`` describes, without a server in front."""
    async with serving(environ, cheap_hasher()) as site:
        yield site


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an answer wait for what it could do without, where a test looks for that and the machine may be busy."""
    monkeypatch.setattr(deadline, "BRIEFLY", 4)
