"""A guesser gains nothing from a deploy: both versions count towards one limit."""

import pytest
from compatibility.version_1.attempts import AttemptsOne
from redis.asyncio import Redis

from webapp.errors import TooManyTries
from webapp.setting_values import Rate
from webapp.throttle.attempts import SignInAttempts

EMAIL, NETWORK = "ada@example.com", "203.0.113.0/24"


async def test_tries_of_both_versions_count_towards_one_limit(redis: Redis):
    old, new = AttemptsOne(redis, 4), SignInAttempts(redis, Rate(4, 900))
    for _ in range(2):
        assert await old.take(EMAIL, NETWORK) == 0
        await new.take(EMAIL, NETWORK)

    assert await old.take(EMAIL, NETWORK) > 0
    with pytest.raises(TooManyTries):
        await new.take(EMAIL, NETWORK)


async def test_right_password_in_one_version_gives_the_tries_back_in_the_other(redis: Redis):
    old, new = AttemptsOne(redis, 1), SignInAttempts(redis, Rate(1, 900))
    await new.take(EMAIL, NETWORK)
    await old.clear(EMAIL, NETWORK)
    assert await old.take(EMAIL, NETWORK) == 0
    await new.clear(EMAIL, NETWORK)
    await new.take(EMAIL, NETWORK)
