"""Every form of REDIS_URL against real servers."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ports import free_port
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import SSLConnection
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis_clients import opened
from redis_connection.own import Own
from redis_deployments import SERVICE
from redis_forms import FORMS
from session_world import CAUSE, World

from webapp.errors import StoreUnavailable
from webapp.sessions.store import SessionStore


async def test_answers_are_text_and_damaged_bytes_raise_nothing(redis_url: str):
    async with opened(redis_url) as redis, Redis.from_url(redis_url) as raw:
        await raw.set("damaged", b"caf\xe9")

        assert await redis.get("damaged") == "caf\ufffd"


async def test_more_callers_than_connections_wait_and_none_fails(own: Own):
    # The one of the run has other clients too: sites that were deployed for all tests.
    server = own.redis()
    async with opened(server.url, REDIS_CONNECTIONS="3") as redis:
        await asyncio.gather(*(redis.incr("calls") for _ in range(500)))

        assert await redis.get("calls") == "500"
        # The third is the subscription's.
        assert len(await redis.client_list()) == 3 - 1


async def test_user_password_and_database_are_the_address_s_own(own: Own):
    server = own.redis(tcp=True)
    server.cli("ACL SETUSER", "web", "on", ">p@ss/word", "~*", "+@all")

    async with opened(f"redis://web:p%40ss%2Fword@127.0.0.1:{server.port}/3") as redis:
        await redis.set("key", "value")
        assert await redis.acl_whoami() == "web"
        assert "db3" in await redis.info("keyspace")

    async with opened(f"redis://web:wrong@127.0.0.1:{server.port}/3") as redis:
        with pytest.raises(AuthenticationError):
            await redis.ping()


async def test_chain_that_nobody_signed_is_refused_unless_the_operator_wants_it():
    with TemporaryDirectory(prefix="gatehouse-") as folder:
        server = FORMS["tls"](Path(folder))
        try:
            async with opened(server.url) as redis:
                with pytest.raises(RedisConnectionError, match="certificate verify failed"):
                    await redis.ping()
                with pytest.raises(StoreUnavailable):
                    await SessionStore(redis).ping()
            async with opened(server.url, REDIS_TLS_VERIFY="false") as redis:
                assert await redis.ping()
        finally:
            server.stop()


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
    sentinel, gone = own.sentinel(own.redis(tcp=True)), free_port()

    async with opened(f"redis+sentinel://127.0.0.1:{gone},127.0.0.1:{sentinel.port}/{SERVICE}/2") as redis:
        await asyncio.gather(*(redis.incr("calls") for _ in range(100)))

        assert await redis.get("calls") == "100"
        assert "db2" in await redis.info("keyspace")


async def test_sentinel_without_a_password_takes_the_servers_own(own: Own):
    server = own.redis(tcp=True)
    sentinel = own.sentinel(server)
    server.cli("CONFIG SET", "requirepass", "s3cret")

    async with opened(f"redis+sentinel://:s3cret@127.0.0.1:{sentinel.port}/{SERVICE}") as redis:
        assert await redis.ping()


async def test_sentinel_that_knows_no_such_service_is_told_in_time(own: Own):
    sentinel = own.sentinel(own.redis(tcp=True))

    async with opened(f"redis+sentinel://127.0.0.1:{sentinel.port}/other") as redis:
        with pytest.raises((RedisError, TimeoutError)):
            await redis.ping()


async def test_cluster_holds_every_persons_sessions(own: Own):
    async with opened(own.cluster().url, REDIS_CONNECTIONS="3") as redis:
        assert isinstance(redis, RedisCluster)
        await asyncio.gather(*(_live_through_everything(World(redis)) for _ in range(50)))

        assert await World(redis).keys() == set()


async def _live_through_everything(world: World) -> None:
    """Call each script once for a new person."""
    ada = world.person()
    world = world.limited_to(2)
    first, here, there = [await world.sign_in(ada) for _ in range(3)]
    assert [await world.resumes(started.token) for started in (first, here, there)].count(True) == 2
    await world.service.put_account(ada)
    assert await world.resumes(there.token)
    assert await world.service.rename(ada.id, there.session.id, "Laptop")
    assert await world.service.confirm(ada.id, there.session.id)
    assert len(await world.listed(ada)) == 2
    assert len(await world.service.end_others(ada.id, keep=there.session.id, cause=CAUSE)) == 1
    assert await world.service.end(ada.id, there.session.id, cause=CAUSE)
    assert len(await world.service.end_all(ada.id, cause=CAUSE)) == 0
