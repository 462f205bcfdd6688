"""Redis servers of one's own, each with what the test needs, gone with the test."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from own_redis import StandaloneRedis, any_binary
from redis_deployments import NOTICED_SOON, ClusterRedis, Sentinel, SentinelRedis

# Seconds that ``patient_clients`` wait for an answer, where all that a test does meanwhile has to fit into
# it; a socket is read for as long, and writes wait for their replica for somewhat less.
PATIENT = 20
LONG_WAIT = ("WAIT", 1, 15_000)


class Own(ExitStack):
    """Starts servers that are stopped when the test is over."""

    def redis(self, *options: str, tcp: bool = False, append_only: bool = False) -> StandaloneRedis:
        """Start a Redis with further options."""
        server = StandaloneRedis(self._folder(), any_binary(), tcp=tcp, append_only=append_only, options=options)
        self.callback(server.stop)
        return server

    def sentinel(self, watched: StandaloneRedis) -> Sentinel:
        """Start one sentinel that watches a Redis which has no replica."""
        sentinel = Sentinel(self._folder(), any_binary(), watched.port, quorum=1)
        self.callback(sentinel.stop)
        return sentinel

    def behind_sentinels(self) -> SentinelRedis:
        """Start a primary, its replica and their sentinels."""
        redis = SentinelRedis(self._folder(), any_binary(), noticed_after=NOTICED_SOON)
        self.callback(redis.stop)
        return redis

    def cluster(self, *, replicas: int = 0, binary: Path | None = None) -> ClusterRedis:
        """Start a cluster, of a certain Redis or any."""
        redis = ClusterRedis(self._folder(), binary or any_binary(), replicas=replicas, noticed_after=NOTICED_SOON)
        self.callback(redis.stop)
        return redis

    def _folder(self) -> Path:
        # Not tmp_path: a socket's path may have 107 bytes at the most.
        return Path(self.enter_context(TemporaryDirectory(prefix="gatehouse-")))
