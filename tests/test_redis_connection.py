"""Every form of REDIS_URL against real servers, and the bounds that each client keeps."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from own_redis import OwnRedis, OwnSentinel, free_port
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import SSLConnection
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from session_world import World

from webapp.dev import redis_server
from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient, open_redis
from webapp.sessions.store import SessionStore
from webapp.settings import Settings

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
SLOTS = 16384


@asynccontextmanager
async def opened(url: str, **environ: str) -> AsyncIterator[RedisClient]:
    settings = Settings.from_env({"SECRET_KEY": SECRET, "REDIS_URL": url, **environ})
    client = open_redis(settings)
    yield client
    await client.aclose()


class Own(ExitStack):
    """Starts servers that are stopped when the test is over."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._binary = redis_server.binaries()[name]

    def redis(self, *options: str) -> int:
        """Start a Redis and give its port."""
        port = free_port()
        self.callback(OwnRedis(self._binary, self._folder(), "--port", str(port), *options).stop)
        return port

    def sentinel(self, watched: int) -> int:
        """Start a sentinel that watches a port under the name of ``main``, and give its own."""
        port = free_port()
        self.callback(OwnSentinel(self._binary, self._folder(), port, watched).stop)
        return port

    def _folder(self) -> Path:
        # Not tmp_path: a socket's path may have 107 bytes at the most.
        return Path(self.enter_context(TemporaryDirectory(prefix="gatehouse-")))


@pytest.fixture
def own(redis_binary: str) -> Iterator[Own]:
    with Own(redis_binary) as own:
        yield own


async def test_answers_are_text_and_damaged_bytes_raise_nothing(redis_url: str):
    async with opened(redis_url) as redis, Redis.from_url(redis_url) as raw:
        await raw.set("damaged", b"caf\xe9")

        assert await redis.get("damaged") == "caf\ufffd"


async def test_more_callers_than_connections_wait_and_none_fails(redis_url: str):
    async with opened(redis_url, REDIS_CONNECTIONS="3") as redis:
        await asyncio.gather(*(redis.incr("calls") for _ in range(500)))

        assert await redis.get("calls") == "500"
        ours = [client for client in await redis.client_list() if client["name"] == ""]
        assert len(ours) <= 3 + 1  # The fixture that empties the server has one too.


async def test_user_password_and_database_are_the_address_s_own(own: Own):
    port = own.redis()
    async with Redis(port=port) as admin:
        await admin.acl_setuser("web", enabled=True, passwords=["+p@ss/word"], keys=["*"], categories=["+@all"])

    async with opened(f"redis://web:p%40ss%2Fword@127.0.0.1:{port}/3") as redis:
        await redis.set("key", "value")
        assert await redis.acl_whoami() == "web"
        assert "db3" in await redis.info("keyspace")

    async with opened(f"redis://web:wrong@127.0.0.1:{port}/3") as redis:
        with pytest.raises(AuthenticationError):
            await redis.ping()


@pytest.mark.parametrize(("verify", "requirement"), [("true", "required"), ("false", "none")])
async def test_tls_checks_the_chain_unless_it_was_told_not_to(verify: str, requirement: str):
    async with opened("rediss://127.0.0.1:6390", REDIS_TLS_VERIFY=verify) as redis:
        assert isinstance(redis, Redis)
        pool = redis.connection_pool
        assert pool.connection_class is SSLConnection
        connection = SSLConnection(**pool.connection_kwargs)

    assert connection.cert_reqs.name == f"CERT_{requirement.upper()}"
    assert connection.check_hostname == (verify == "true")


async def test_sentinel_names_the_server_though_another_sentinel_is_gone(own: Own):
    sentinel, gone = own.sentinel(watched=own.redis()), free_port()

    async with opened(f"redis+sentinel://127.0.0.1:{gone},127.0.0.1:{sentinel}/main/2") as redis:
        await asyncio.gather(*(redis.incr("calls") for _ in range(100)))

        assert await redis.get("calls") == "100"
        assert "db2" in await redis.info("keyspace")


async def test_sentinel_without_a_password_takes_the_servers_own(own: Own):
    port = own.redis()
    sentinel = own.sentinel(watched=port)
    async with Redis(port=port) as admin:
        await admin.config_set("requirepass", "s3cret")

    async with opened(f"redis+sentinel://:s3cret@127.0.0.1:{sentinel}/main") as redis:
        assert await redis.ping()


async def test_sentinel_that_knows_no_such_service_is_told_in_time(own: Own):
    sentinel = own.sentinel(watched=own.redis())

    async with opened(f"redis+sentinel://127.0.0.1:{sentinel}/other") as redis:
        with pytest.raises((RedisError, TimeoutError)):
            await redis.ping()


@pytest.fixture
async def cluster(own: Own) -> list[int]:
    """Start three primaries that share the slots, and give their ports once they know of each other."""
    ports = [own.redis("--cluster-enabled", "yes", "--cluster-node-timeout", "2000") for _ in range(3)]
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(Redis(port=port, decode_responses=True)) for port in ports]
        for place, node in enumerate(nodes):
            await node.cluster("ADDSLOTS", *range(place, SLOTS, len(nodes)))
            await node.cluster("MEET", "127.0.0.1", ports[0])
        # Nobody tells when a cluster has come together; it has to be asked.
        while not all([await _agrees(node, len(nodes)) for node in nodes]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return ports


async def _agrees(node: Redis, size: int) -> bool:
    state: dict[str, str] = await node.cluster("INFO")
    return state["cluster_state"] == "ok" and state["cluster_size"] == str(size)


async def test_cluster_holds_every_persons_sessions(cluster: list[int]):
    hosts = ",".join(f"127.0.0.1:{port}" for port in cluster)
    async with opened(f"redis+cluster://{hosts}", REDIS_CONNECTIONS="3") as redis:
        assert isinstance(redis, RedisCluster)
        await asyncio.gather(*(_live_through_everything(World(redis)) for _ in range(50)))

        assert await redis.dbsize(target_nodes=RedisCluster.PRIMARIES) == 0


async def _live_through_everything(world: World) -> None:
    """Call each script once for a new person."""
    ada = world.person()
    world = world.limited_to(2)
    first, here, there = [await world.sign_in(ada) for _ in range(3)]
    assert there.displaced in {(first.session.id,), (here.session.id,)}
    await world.service.put_account(ada)
    assert await world.resumes(there.token)
    assert await world.service.rename(ada.id, there.session.id, "Laptop")
    assert await world.service.confirm(ada.id, there.session.id)
    assert len(await world.listed(ada)) == 2
    assert await world.service.end_others(ada.id, keep=there.session.id) == 1
    assert await world.service.end(ada.id, there.session.id)
    assert await world.service.end_all(ada.id) == 0


async def test_silent_server_is_given_up_in_time():
    async with silent_server() as port, opened(f"redis://127.0.0.1:{port}") as redis:
        begun = time.monotonic()

        with pytest.raises(StoreUnavailable):
            await SessionStore(redis).ping()

        # The bound is 4 s; a busy machine gets as much again.
        assert time.monotonic() - begun < 10


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """Listen, accept, and never say a word."""
    closing = asyncio.Event()

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closing.wait()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1")
    yield server.sockets[0].getsockname()[1]
    closing.set()
    server.close()


async def test_absent_server_is_told_before_the_deadline():
    async with opened(f"redis://127.0.0.1:{free_port()}") as redis:
        # At the deadline it would be a TimeoutError.
        with pytest.raises(RedisConnectionError):
            await redis.ping()
