"""What one server tells is heard, and whenever something may have been missed, that is said."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest
from own_redis import SLOW, StandaloneRedis
from redis_clients import opened
from redis_connection.listening import CHANNEL, LOGGER, Listener, listeners, listening
from redis_connection.own import Own

from webapp.redis_connection import subscription_line, subscription_talk
from webapp.redis_connection.clients import BoundedRedis
from webapp.redis_connection.subscription_line import STOP_WITHIN

CONNECTIONS = 4
# Seconds that a busy machine may take for what is done at once.
SLACK = 4.0

pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def server(own: Own) -> StandaloneRedis:
    return own.redis(tcp=True)


@pytest.fixture
async def redis(server: StandaloneRedis) -> AsyncIterator[BoundedRedis]:
    async with opened(server.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        assert isinstance(redis, BoundedRedis)
        yield redis


@pytest.fixture
async def listener(redis: BoundedRedis) -> AsyncIterator[Listener]:
    async with listening(redis) as listener:
        await listener.in_force()
        yield listener


@pytest.fixture
def noticed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription_talk, "PING_EVERY", 0.1)


@pytest.fixture(autouse=True)
def all_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in caplog.records if record.name == LOGGER]


async def test_message_is_heard_as_it_was_sent(server: StandaloneRedis, listener: Listener):
    server.cli("PUBLISH", CHANNEL, "account ended one two")
    server.cli("PUBLISH", "another", "of somebody else")
    server.cli("PUBLISH", CHANNEL, "caf\u00e9")

    await listener.told("caf\u00e9")
    assert listener.messages == ["account ended one two", "caf\u00e9"]
    assert listener.anew == [None]


async def test_older_language_of_redis_is_understood_as_well(server: StandaloneRedis):
    async with BoundedRedis.from_url(server.url, protocol=2, decode_responses=True) as redis, listening(redis) as heard:
        await heard.in_force()
        # Another PING, after one has subscribed.
        heard.subscription._line.wishes.changed.set()  # type: ignore[attr-defined] # It is that of one server.
        server.cli("PUBLISH", CHANNEL, "news")

        await heard.told("news")
        assert heard.anew == [None]


async def test_restarted_server_is_heard_again_and_told_of_once(
    server: StandaloneRedis, listener: Listener, caplog: pytest.LogCaptureFixture
):
    server.kill()
    # Several tries are in vain meanwhile.
    await asyncio.sleep(1)
    server.start()

    await listener.in_force(times=2)
    server.cli("PUBLISH", CHANNEL, "news")
    await listener.told("news")
    await listener.until(lambda: len(levels(caplog)) == 2, "it is said that all is well")
    assert levels(caplog) == ["WARNING", "INFO"]
    assert listener.anew == [None, None]


async def test_server_that_is_away_at_the_start_is_heard_later(server: StandaloneRedis, redis: BoundedRedis):
    server.stop()
    async with listening(redis) as heard:
        await asyncio.sleep(0.3)
        server.start()

        await heard.in_force()
        server.cli("PUBLISH", CHANNEL, "news")
        await heard.told("news")


@pytest.mark.usefixtures("noticed_soon")
async def test_frozen_server_is_left_and_heard_again_when_it_is_thawed(
    server: StandaloneRedis, listener: Listener, caplog: pytest.LogCaptureFixture
):
    server.freeze()
    await listener.until(lambda: bool(levels(caplog)), "the silence is noticed")
    server.thaw()

    await listener.in_force(times=2)
    server.cli("PUBLISH", CHANNEL, "news")
    await listener.told("news")


async def test_line_that_lives_is_left_alone(
    server: StandaloneRedis, redis: BoundedRedis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(subscription_talk, "PING_EVERY", 0.01)
    async with listening(redis) as heard:
        await heard.until(lambda: _pings(server) > 100, "a hundred questions are answered")
        assert heard.anew == [None]


def _pings(server: StandaloneRedis) -> int:
    return int(server.cli("INFO", "commandstats")["cmdstat_ping"]["calls"])


async def test_connection_that_is_killed_is_made_again(server: StandaloneRedis, listener: Listener):
    assert server.cli("CLIENT", "KILL", "TYPE", "pubsub") == 1

    await listener.in_force(times=2)
    assert listeners(server) == 1


async def test_forbidden_channel_is_told_of_once_and_tried_now_and_then(
    server: StandaloneRedis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(subscription_line, "FORBIDDEN_PAUSE", 0.1)
    server.cli("ACL", "SETUSER", "web", "on", ">pass-word", "~*", "resetchannels", "+@all")
    async with opened(f"redis://web:pass-word@127.0.0.1:{server.port}") as redis, listening(redis) as heard:
        await heard.until(lambda: _refused(server) > 2, "it was tried three times")
        assert levels(caplog) == ["WARNING"]
        assert "&session-events" in caplog.text
        assert "resetchannels" in caplog.text
        assert await redis.ping()

        server.cli("ACL", "SETUSER", "web", f"&{CHANNEL}")
        await heard.in_force()
        server.cli("PUBLISH", CHANNEL, "news")
        await heard.told("news")
        await heard.until(lambda: levels(caplog) == ["WARNING", "INFO"], "it is said that all is well")


def _refused(server: StandaloneRedis) -> int:
    return int(server.cli("INFO", "commandstats").get("cmdstat_subscribe", {}).get("rejected_calls", 0))


async def test_forbidden_channel_is_not_tried_all_the_time():
    assert subscription_line.FORBIDDEN_PAUSE >= 60


async def test_end_waits_for_no_frozen_server(server: StandaloneRedis, listener: Listener):
    server.freeze()
    begun = time.monotonic()
    await listener.subscription.stop()

    assert time.monotonic() - begun < STOP_WITHIN
    server.thaw()
    assert _is_gone(server)


async def test_end_while_the_server_is_tried_waits_for_nothing(server: StandaloneRedis, redis: BoundedRedis):
    server.freeze()
    async with listening(redis) as heard:
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        await heard.subscription.stop()

        assert time.monotonic() - begun < STOP_WITHIN
    server.thaw()


async def test_thousand_accounts_are_one_connection_within_those_that_are_allowed(
    server: StandaloneRedis, redis: BoundedRedis, listener: Listener
):
    for account in map(str, range(1000)):
        listener.subscription.follow(account)
    takers = [asyncio.ensure_future(redis.blpop(["nothing"], timeout=0.5)) for _ in range(3 * CONNECTIONS)]
    await listener.until(lambda: int(server.cli("INFO", "clients")["blocked_clients"]) > 1, "connections are taken")

    # The one that asks is not ours.
    assert int(server.cli("INFO", "clients")["connected_clients"]) - 1 == CONNECTIONS
    assert listeners(server) == 1
    await asyncio.gather(*takers)
    for account in map(str, range(1000)):
        listener.subscription.leave(account)
    server.cli("PUBLISH", CHANNEL, "news")
    await listener.told("news")


def _is_gone(server: StandaloneRedis) -> bool:
    deadline = time.monotonic() + SLACK
    while listeners(server):
        if time.monotonic() > deadline:
            return False
    return True
