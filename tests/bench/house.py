"""The real server with its Redis and its database, as in production."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from gatehouse import SECRET, Gatehouse
from own_redis import StandaloneRedis, any_binary
from pages import ORIGIN
from servers import PostgresServer

from webapp.database import migrate
from webapp.settings import Settings

PRODUCTION = {"APP_ENV": "production", "PUBLIC_URL": ORIGIN, "TRUSTED_PROXY": "none"}
# Chromium is shown no certificate here, and keeps a cookie that is only for https on no other origin.
DEVELOPMENT = {"APP_ENV": "development"}
# As the platforms' stores keep what they were told.
KEPT = ("--appendonly", "yes", "--appendfsync", "everysec")


@dataclass(frozen=True)
class House:
    """The server, and the settings that it was started with."""

    server: Gatehouse
    settings: Settings

    @property
    def port(self) -> int:
        """The port that the server listens on, of this computer."""
        return urlsplit(self.server.url).port or 0


@contextmanager
def house(kind: dict[str, str], **variables: str) -> Iterator[House]:
    """Start all of it, with PRODUCTION's settings or DEVELOPMENT's, changed by ``variables``."""
    with ExitStack() as stack:
        # Sockets lie in it, and their paths may have 107 bytes at the most.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))
        # PostgreSQL may have to run as somebody else, who has to get through.
        folder.chmod(0o711)
        redis = StandaloneRedis(_inside(folder, "redis"), any_binary(), options=KEPT)
        stack.callback(redis.stop)
        postgres = PostgresServer(_inside(folder, "postgres"))
        stack.callback(postgres.stop)
        database = postgres.url("postgres")
        migrate.upgrade(database)
        environment = {**kind, "DATABASE_URL": database, **variables}
        server = Gatehouse(folder, redis.url, **environment)
        stack.callback(server.stop)
        served = {"SECRET_KEY": SECRET, "REDIS_URL": redis.url, "PORT": str(urlsplit(server.url).port)}
        yield House(server, Settings.from_env({**served, **environment}))


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir()
    return path
