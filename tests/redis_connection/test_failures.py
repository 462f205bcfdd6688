"""Whatever Redis says instead of an answer, and whatever happens to the way to it: our word for it is the same."""

import asyncio
import socket

import pytest
from own_redis import StandaloneRedis, wait_until
from ports import free_port
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis_clients import fake_redis, opened
from redis_connection.own import Own

from webapp.errors import StoreUnavailable
from webapp.redis_connection.scripts import Script
from webapp.sessions.store import SessionStore

ERRORS = [
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "NOREPLICAS Not enough good replicas to write.",
    "CLUSTERDOWN The cluster is down",
    "MOVED 3999 127.0.0.1:6381",
    "ASK 3999 127.0.0.1:6381",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "CROSSSLOT Keys in request don't hash to the same slot",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MISCONF Errors writing to the AOF file: No space left on device",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "UNKILLABLE Sorry the script already executed write commands against the dataset.",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM this user has no permissions to run the 'evalsha' command",
    "NOSCRIPT No matching script. Please use EVAL.",
    "EXECABORT Transaction discarded because of previous errors.",
    "ERR max number of clients reached",
    "ERR Error running script (call to f_0): @user_script:3: -READONLY You can't write against a read only replica.",
    "ERR unknown command 'EVALSHA'",
    "WEIRD",
]


@pytest.mark.parametrize("error", ERRORS)
async def test_refusal_is_told_as_unavailable(error: str):
    async with fake_redis(f"-{error}\r\n".encode()) as url, opened(url) as redis:
        with pytest.raises(StoreUnavailable):
            await Script(redis, "return 1")(["key"])


@pytest.mark.parametrize("error", ERRORS)
async def test_refusal_to_greet_is_told_as_unavailable(error: str):
    async with fake_redis(b":1\r\n", greeting=f"-{error}\r\n".encode()) as url, opened(url) as redis:
        with pytest.raises(StoreUnavailable):
            await Script(redis, "return 1")(["key"])


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 100 + b"\r\n", b"$x\r\n"])
async def test_answer_in_another_language_is_told_as_unavailable(answer: bytes):
    async with fake_redis(answer) as url, opened(url) as redis:
        with pytest.raises(StoreUnavailable):
            await Script(redis, "return 1")(["key"])


async def test_absent_server_is_told_before_the_deadline():
    async with opened(f"redis://127.0.0.1:{free_port()}") as redis:
        # At the deadline it would be a TimeoutError.
        with pytest.raises(RedisConnectionError):
            await redis.ping()


async def test_server_that_others_have_filled_is_unavailable_until_they_go(own: Own):
    server = own.redis(tcp=True)
    server.cli("CONFIG SET", "maxclients", 3)
    others = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    async with opened(server.url) as redis:
        with pytest.raises(StoreUnavailable):
            await SessionStore(redis).ping()

        for other in others:
            other.close()

        assert await redis.ping()


def is_busy(server: StandaloneRedis) -> bool:
    """Tell whether a script keeps a server from answering."""
    try:
        server.cli("PING")
    except ResponseError as error:
        return str(error).startswith("BUSY")
    return False


async def test_server_that_runs_somebody_s_endless_script_is_unavailable_until_it_is_killed(own: Own):
    server = own.redis()
    server.cli("CONFIG SET", "lua-time-limit", 10)
    async with opened(server.url) as redis, opened(server.url) as somebody:
        endless = asyncio.ensure_future(somebody.eval("while true do end", 0))
        await asyncio.to_thread(wait_until, lambda: is_busy(server), "the endless script runs")

        with pytest.raises(StoreUnavailable):
            await Script(redis, "return 1")(["key"])

        server.cli("SCRIPT KILL")
        await asyncio.gather(endless, return_exceptions=True)
        assert await Script(redis, "return 1")(["key"]) == 1


async def test_password_that_was_changed_is_told_as_unavailable(own: Own):
    server = own.redis()
    async with opened(server.url) as redis:
        assert await redis.ping()
        server.cli("CONFIG SET", "requirepass", "another")
        server._password = "another"
        server.cli("CLIENT KILL", "TYPE", "normal")

        with pytest.raises(StoreUnavailable):
            await SessionStore(redis).ping()


async def test_connections_that_were_idle_for_too_long_are_no_failure(own: Own):
    """Heroku's store drops those that were silent for some minutes (``redis:timeout``); this one after one second."""
    server = own.redis("--timeout", "1", tcp=True)
    async with opened(server.url) as redis:
        script = Script(redis, "return 1")
        assert await asyncio.gather(*(script(["key"]) for _ in range(20))) == [1] * 20

        await asyncio.sleep(2.5)

        assert await asyncio.gather(*(script(["key"]) for _ in range(20))) == [1] * 20


async def test_connections_that_were_reset_are_no_failure():
    """A server that dies resets them, and asyncio does not say so in the same words everywhere (redis-py's 4287)."""
    async with fake_redis(b":1\r\n", resets=True) as url, opened(url) as redis:
        script = Script(redis, "return 1")
        for _ in range(5):
            assert await asyncio.gather(*(script(["key"]) for _ in range(10))) == [1] * 10
            await asyncio.sleep(0.1)
