"""Commands that are asked for at the same time travel together, and nobody notices but the clock."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from own_redis import StandaloneRedis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError, NoScriptError, ResponseError
from redis_clients import SLOWLY, echoing_redis, opened
from redis_connection.own import Own

from webapp import deadline
from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient, silence
from webapp.redis_connection.pipelining import AT_MOST
from webapp.redis_connection.scripts import Script

ECHO = "return ARGV[1]"
# Seconds in which a batch has certainly left.
LEFT_WITHIN = 0.1


@pytest.fixture
def server(own: Own) -> StandaloneRedis:
    return own.redis()


@pytest.fixture
async def redis(server: StandaloneRedis) -> AsyncIterator[RedisClient]:
    async with opened(server.url) as redis:
        yield redis


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give how many scripts each write to Redis had."""
    counts: list[int] = []
    send = AbstractConnection._send_packed_command

    async def count(self: AbstractConnection, command: list[bytes]) -> None:
        if scripts := b"".join(command).count(b"\r\nEVAL"):
            counts.append(scripts)
        await send(self, command)

    monkeypatch.setattr(AbstractConnection, "_send_packed_command", count)
    return counts


def ask(redis: RedisClient, *words: Any) -> list[asyncio.Task[object]]:
    """Ask for the echo of each of the words, all at once."""
    return [asyncio.create_task(redis.execute_command("EVAL", ECHO, 0, word)) for word in words]


async def test_commands_of_one_turn_leave_in_one_write(redis: RedisClient, written: list[int]):
    assert await asyncio.gather(*ask(redis, *range(20))) == [str(number) for number in range(20)]
    assert written == [20]

    # And whoever is alone waits for nobody.
    assert await asyncio.gather(*ask(redis, "one")) == ["one"]
    assert written == [20, 1]


async def test_more_than_a_batch_holds_leave_in_several(redis: RedisClient, written: list[int]):
    words = [str(number) for number in range(2 * AT_MOST + 50)]

    assert await asyncio.gather(*ask(redis, *words)) == words

    assert sorted(written) == [50, AT_MOST, AT_MOST]


async def test_no_batch_waits_for_another():
    async with echoing_redis() as echo, opened(echo.url) as redis:
        (slow,) = ask(redis, "slowly")
        await asyncio.sleep(LEFT_WITHIN)
        begun = time.monotonic()

        assert await asyncio.gather(*ask(redis, "at once")) == ["at once"]

        assert time.monotonic() - begun < SLOWLY
        assert not slow.done()
        assert await slow == "slowly"


async def test_caller_who_goes_harms_no_other(redis: RedisClient, server: StandaloneRedis):
    server.freeze()
    gone, stays, goes_later, stays_too = ask(redis, *"abcd")
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(LEFT_WITHIN)
    goes_later.cancel()
    server.thaw()

    assert [await stays, await stays_too] == ["b", "d"]
    # Nor does anybody get what they have left behind.
    assert await asyncio.gather(*ask(redis, *range(5))) == list("01234")


async def test_command_of_a_caller_who_has_gone_before_it_left_is_not_sent():
    async with echoing_redis() as echo, opened(echo.url) as redis:
        gone, stays = ask(redis, "gone", "stays")
        # They ask in this turn, and the batch leaves in the next one.
        asyncio.get_running_loop().call_soon(gone.cancel)

        assert await stays == "stays"
        assert echo.heard == ["stays"]


async def test_error_is_told_to_the_one_who_asked(redis: RedisClient):
    answers = await asyncio.gather(
        *ask(redis, "before"),
        redis.execute_command("EVAL", "return redis.error_reply('no')", 0),
        redis.execute_command("EVALSHA", "0" * 40, 0),
        *ask(redis, None),
        *ask(redis, "after"),
        return_exceptions=True,
    )

    assert (answers[0], answers[-1]) == ("before", "after")
    assert [type(answer) for answer in answers[1:-1]] == [ResponseError, NoScriptError, DataError]


async def test_what_is_written_and_read_as_text_is_what_it_was_before(redis: RedisClient, server: StandaloneRedis):
    server.cli("SET", "bent", "x")
    bent = redis.execute_command("EVAL", "return string.char(255)", 0)

    half = "\ud800"
    assert await asyncio.gather(*ask(redis, "ä", b"b", 7, 1.5, bytearray(b"c"), half), bent) == [
        "ä",
        "b",
        "7",
        "1.5",
        "c",
        "?",
        "\N{REPLACEMENT CHARACTER}",
    ]


async def test_forgotten_script_is_sent_again_by_each_of_its_callers(redis: RedisClient, server: StandaloneRedis):
    script = Script(redis, ECHO)
    await script.load()
    server.cli("SCRIPT FLUSH")

    assert await asyncio.gather(*(script([], number) for number in range(10))) == list("0123456789")


@pytest.mark.parametrize("answered", [0, 3])
async def test_connection_that_is_lost_costs_nobody_the_answer(answered: int):
    words = list("abcdefghij")
    async with echoing_redis(answered) as echo, opened(echo.url) as redis:
        assert await asyncio.gather(*ask(redis, *words)) == words

        # What was answered before it was lost is not done again.
        assert echo.heard == words


async def test_connection_that_is_lost_again_and_again_fails_its_batch_alone():
    async with echoing_redis(2, *[0] * 100) as echo, opened(echo.url) as redis:
        answers = await asyncio.gather(*ask(redis, *range(5)), return_exceptions=True)

        assert answers[:2] == ["0", "1"]
        assert [type(answer) for answer in answers[2:]] == [RedisConnectionError] * 3
        echo.losses.clear()
        assert await asyncio.gather(*ask(redis, "next")) == ["next"]


async def test_request_that_has_little_time_left_takes_none_from_the_others(
    redis: RedisClient, server: StandaloneRedis, monkeypatch: pytest.MonkeyPatch
):
    await redis.ping()
    server.freeze()

    async def request(patience: float) -> object:
        monkeypatch.setattr(deadline, "PATIENCE", patience)
        deadline.begin()
        return await redis.execute_command("EVAL", ECHO, 0, patience)

    # The batch begins with the one who is in a hurry.
    hurried, patient = asyncio.create_task(request(0.3)), asyncio.create_task(request(4.5))
    (nobody,) = ask(redis, "no request")
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        await hurried
    assert time.monotonic() - begun < silence.SILENT_AFTER
    server.thaw()

    assert [await patient, await nobody] == ["4.5", "no request"]


async def test_batch_that_is_waited_for_in_vain_means_silence(
    redis: RedisClient, server: StandaloneRedis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(silence, "ANSWER_WITHIN", 0.5)
    monkeypatch.setattr(silence, "SILENT_AFTER", 0.2)
    script = Script(redis, ECHO)
    await script.load()
    server.freeze()

    answers = await asyncio.gather(*(script([], number) for number in range(10)), return_exceptions=True)

    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert redis._silence._silent  # type: ignore[union-attr] # It is no cluster.
    # What was given up is taken for no later answer.
    server.thaw()
    assert await asyncio.gather(*(script([], word) for word in "abc")) == ["a", "b", "c"]


@pytest.mark.parametrize("pause", [0, LEFT_WITHIN])
async def test_nobody_hangs_where_the_client_is_closed(redis: RedisClient, server: StandaloneRedis, pause: float):
    server.freeze()
    asked = ask(redis, *range(5))
    # One turn later the batch has been made and has not begun.
    await asyncio.sleep(pause)

    await redis.aclose()

    async with asyncio.timeout(silence.SILENT_AFTER):
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {RedisConnectionError}
