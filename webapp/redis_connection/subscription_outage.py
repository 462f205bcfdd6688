"""What the operator is told of news that do not come: once that they are lost, and once that they are back."""

import logging

from redis.exceptions import NoPermissionError, RedisError

log = logging.getLogger(__name__)

MEANWHILE = "Pages that are open learn only after minutes that their session was ended elsewhere"


class Outage:
    """Those servers of one Redis whose news are lost."""

    def __init__(self) -> None:
        self._lost: set[str] = set()

    def begin(self, server: str, why: Exception) -> None:
        """Note that ``server`` tells nothing; warn where that is new."""
        if not self._lost:
            _warn(server, why)
        self._lost.add(server)

    def end(self, server: str) -> None:
        """Note that ``server`` tells its news again, or is not needed any more; say so where it was the last."""
        if server in self._lost:
            self._lost.remove(server)
            if not self._lost:
                log.info("Redis tells its news again.")


def _warn(server: str, why: Exception) -> None:
    if isinstance(why, NoPermissionError):
        log.warning(
            "Redis's user may not subscribe to news (%s). %s. Give it +publish +subscribe &session-events, on a "
            "cluster +spublish +ssubscribe &events:* instead: a user that was made with resetchannels, which Redis "
            "7 does by itself, may hear nothing else.",
            _words(why),
            MEANWHILE,
        )
        return
    unexpected = None if isinstance(why, (RedisError, OSError)) else why
    log.warning(
        "The news of %s are lost (%s). %s, until the news are back.",
        server,
        _words(why),
        MEANWHILE,
        exc_info=unexpected,
    )


def _words(error: Exception) -> str:
    # A deadline that passed says nothing of itself.
    return str(error).rstrip(".") or type(error).__name__
