"""During a deploy each version counts tries to sign in by itself: the same tries, but in keys of its own.

The first version had no limits for the whole site and for rows of failures, and no known browsers; its keys of one
network lie in one slot of a cluster, where the new ones cannot join them. So for as long as both run, at most the
minutes of a deploy, a guesser who reaches both has the tries of both. Nobody is locked out by that: a limit that was
reached in one version is no wait in the other, and the old keys end by themselves.
"""

import pytest
from compatibility.version_1.attempts import AttemptsOne
from redis.asyncio import Redis

from webapp.errors import TooManyTries
from webapp.setting_values import Rate
from webapp.throttle.attempts import SignInAttempts

EMAIL, NETWORK = "ada@example.com", "203.0.113.0/24"


async def test_guesser_has_the_tries_of_each_version_and_no_more(redis: Redis):
    old, new = AttemptsOne(redis, 4), SignInAttempts(redis, Rate(4, 900))
    for _ in range(4):
        assert await old.take(EMAIL, NETWORK) == 0
        await new.take(EMAIL, NETWORK)

    assert await old.take(EMAIL, NETWORK) > 0
    with pytest.raises(TooManyTries):
        await new.take(EMAIL, NETWORK)


async def test_limit_that_was_reached_in_one_version_keeps_nobody_out_of_the_other(redis: Redis):
    old, new = AttemptsOne(redis, 1), SignInAttempts(redis, Rate(1, 900))
    await new.take(EMAIL, NETWORK)
    with pytest.raises(TooManyTries):
        await new.take(EMAIL, NETWORK)
    assert await old.take(EMAIL, NETWORK) == 0
    await new.clear(EMAIL, NETWORK)
    await new.take(EMAIL, NETWORK)
    assert await old.take(EMAIL, NETWORK) > 0


async def test_keys_of_the_first_version_end_by_themselves(redis: Redis):
    await AttemptsOne(redis, 4).take(EMAIL, NETWORK)
    assert all([0 < await redis.ttl(key) <= 900 async for key in redis.scan_iter()])
