"""What nobody can wait for: time that passes."""

from asgi_calls import settings
from own_redis import StandaloneRedis

# Seconds for which a confirmed password counts; the server has it from nobody either.
WINDOW = settings().reauth_window


def let_the_window_pass(redis: StandaloneRedis) -> None:
    """Let every session have confirmed its password too long ago, which nobody can wait for."""
    for key in redis.cli("KEYS", "session:*"):
        redis.cli("HINCRBY", key, "confirmed", -WINDOW)
