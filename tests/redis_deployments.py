"""Redis in all its forms, in real processes on this computer: alone, behind sentinels, as a cluster."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from own_redis import StandaloneRedis, wait_until
from ports import free_port

__all__ = ["ClusterRedis", "SentinelRedis", "StandaloneRedis"]

SERVICE = "main"
SENTINELS, QUORUM = 3, 2
# Milliseconds that an election may take.
FAILOVER_TIMEOUT = 3000

PRIMARIES, SLOTS = 3, 16384
# Milliseconds that a server is silent before the others take it for lost. Usually so long that no busy disk looks like
# a loss; where losses are tested, so short that nobody waits for them.
NOTICED_AFTER, NOTICED_SOON = 5000, 1000

# A replica that comes back is not kept waiting for others to join it, and is counted once it has heard something.
AT_ONCE = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")


class _Together(ABC):
    """Several servers that are one Redis, with or without watchers; what they hold survives their end."""

    url: str

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.servers: list[StandaloneRedis] = []
        self._watchers: list[StandaloneRedis] = []

    def start(self) -> None:
        """Start every process again, and return when they are one again."""
        for member in (*self.servers, *self._watchers):
            member.start()
        wait_until(self.is_whole, f"{self.url} is whole")

    def stop(self) -> None:
        """End every process in good order, the watchers first, and wait for their ends."""
        for server in self.servers:
            # A primary that is told to end waits for a replica that is behind.
            server.thaw()
        for member in (*self._watchers, *self.servers):
            member.stop()

    def freeze(self) -> None:
        """Let no server answer anybody while the connections stand."""
        for server in self.servers:
            server.freeze()

    def thaw(self) -> None:
        """Let all servers go on, and return when they are one again."""
        for server in self.servers:
            server.thaw()
        wait_until(self.is_whole, f"{self.url} is whole")

    def flush(self) -> None:
        """Make it as empty as it was at the start."""
        for primary in self.primaries():
            primary.flush()

    @abstractmethod
    def primaries(self) -> list[StandaloneRedis]:
        """Give the servers that take writes."""

    @abstractmethod
    def is_whole(self) -> bool:
        """Tell whether all parts are there and know of each other."""


class SentinelRedis(_Together):
    """A primary, a replica, and three sentinels of which two decide that a primary is gone."""

    def __init__(self, folder: Path, binary: Path, *, noticed_after: int = NOTICED_AFTER) -> None:
        super().__init__()
        first = _server(folder / "one", binary, AT_ONCE)
        replica = _server(folder / "two", binary, (*AT_ONCE, "--replicaof", "127.0.0.1", str(first.port)))
        self.servers = [first, replica]
        self.sentinels = [
            Sentinel(_made(folder / f"sentinel-{n}"), binary, first.port, noticed_after=noticed_after)
            for n in range(SENTINELS)
        ]
        self._watchers = [*self.sentinels]
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis+sentinel://{hosts}/{SERVICE}"
        wait_until(self.is_whole, "the sentinels know each other and the replica")

    def primary(self) -> StandaloneRedis:
        """Give the server that most of the sentinels name."""
        named = sorted(sentinel.names() for sentinel in self.sentinels)[SENTINELS // 2]
        return next(server for server in self.servers if server.port == named)

    def primaries(self) -> list[StandaloneRedis]:
        """Give the one primary."""
        return [self.primary()]

    def replicas(self) -> list[StandaloneRedis]:
        """Give every server but the primary, those that are dead or frozen included."""
        primary = self.primary()
        return [server for server in self.servers if server is not primary]

    def fail_over(self) -> None:
        """Kill the primary, and return when another one is elected."""
        old = self.primary()
        old.kill()
        self.wait_for_another(old)

    def wait_for_another(self, old: StandaloneRedis) -> None:
        """Return when another server than ``old`` is the primary, and takes writes."""
        wait_until(lambda: self.primary() is not old, "the sentinels name another primary")
        wait_until(lambda: _role(self.primary()) == "master", "it takes writes")

    def heal(self) -> None:
        """Bring back what is dead or frozen, and return when the replica follows the primary again."""
        for member in (*self.servers, *self.sentinels):
            member.thaw()
            if not member.running:
                member.start()
        for replica in self.replicas():
            # The sentinels would tell it the same after about ten seconds.
            replica.cli("REPLICAOF", "127.0.0.1", self.primary().port)
        wait_until(self.is_whole, "the replica follows the primary")

    def is_whole(self) -> bool:
        """Tell whether the replica follows and each sentinel sees everybody in good health."""
        return all(sentinel.knows_all() for sentinel in self.sentinels) and all(map(_follows, self.replicas()))


class Sentinel(StandaloneRedis):
    """A sentinel that watches the server on the port ``watched``; ``quorum`` of them decide that it is gone."""

    def __init__(
        self, folder: Path, binary: Path, watched: int, *, quorum: int = QUORUM, noticed_after: int = NOTICED_AFTER
    ) -> None:
        self.socket, self.port, self._password = folder / "redis.sock", free_port(), None
        # Sentinel insists on a file: it writes down there what it learns.
        file = folder / "sentinel.conf"
        lines = [f"port {self.port}", f"unixsocket {self.socket}", f"dir {folder}", f"logfile {folder}/sentinel.log"]
        lines += [f"sentinel monitor {SERVICE} 127.0.0.1 {watched} {quorum}"]
        lines += [f"sentinel down-after-milliseconds {SERVICE} {noticed_after}"]
        lines += [f"sentinel failover-timeout {SERVICE} {FAILOVER_TIMEOUT}"]
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self._command = [str(binary), str(file), "--sentinel"]
        self.start()

    def names(self) -> int:
        """Give the port of the server that it takes for the primary."""
        return int(self.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

    def knows_all(self) -> bool:
        """Tell whether it sees a healthy primary, its replica, and the other sentinels."""
        seen = self.cli("SENTINEL MASTER", SERVICE)
        found = (seen["flags"], int(seen["num-slaves"]), int(seen["num-other-sentinels"]))
        return found == ("master", 1, SENTINELS - 1)


class ClusterRedis(_Together):
    """Three primaries that share the slots, each with ``replicas``."""

    def __init__(self, folder: Path, binary: Path, *, replicas: int = 0, noticed_after: int = NOTICED_AFTER) -> None:
        super().__init__()
        options = ("--cluster-enabled", "yes", "--cluster-node-timeout", str(noticed_after), *AT_ONCE)
        self.nodes = [_server(folder / f"node-{n}", binary, options) for n in range(PRIMARIES * (1 + replicas))]
        self.servers, self._replicas = self.nodes, replicas
        self.url = f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}"
        self._meet()
        wait_until(self.is_whole, "the nodes agree that the cluster is whole")

    def primaries(self) -> list[StandaloneRedis]:
        """Give the nodes that hold slots."""
        return [node for node in self.nodes if _role(node) == "master"]

    def is_whole(self) -> bool:
        """Tell whether every node sees all slots served, and every replica follows its primary."""
        return all(map(self._serves, self.nodes)) and all(map(_follows, self.nodes))

    def _meet(self) -> None:
        for place, node in enumerate(self.nodes):
            # Without ages of their own, nodes that meet quarrel for seconds about who is the elder.
            node.cli("CLUSTER", "SET-CONFIG-EPOCH", place + 1)
            if place < PRIMARIES:
                node.cli("CLUSTER", "ADDSLOTS", *range(place * SLOTS // PRIMARIES, (place + 1) * SLOTS // PRIMARIES))
            node.cli("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port)
        wait_until(lambda: all(map(self._knows_all, self.nodes)), "the nodes know each other")
        for place, node in enumerate(self.nodes[PRIMARIES:]):
            node.cli("CLUSTER", "REPLICATE", self.nodes[place % PRIMARIES].cli("CLUSTER", "MYID"))

    def _serves(self, node: StandaloneRedis) -> bool:
        state = node.cli("CLUSTER INFO")["cluster_state"]
        # Of each range its first and last slot, its primary, and then the replicas.
        replicas = [len(entry) - 3 for entry in node.cli("CLUSTER", "SLOTS")]
        return str(state) == "ok" and replicas == [self._replicas] * PRIMARIES

    def _knows_all(self, node: StandaloneRedis) -> bool:
        return str(node.cli("CLUSTER INFO")["cluster_known_nodes"]) == str(len(self.nodes))


def _server(folder: Path, binary: Path, options: Sequence[str]) -> StandaloneRedis:
    return StandaloneRedis(_made(folder), binary, tcp=True, append_only=True, options=options)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _follows(server: StandaloneRedis) -> bool:
    """Tell whether a server is a primary, or a replica that has caught up with one."""
    return str(server.cli("INFO", "replication").get("master_link_status", "up")) == "up"


def _role(server: StandaloneRedis) -> str:
    return str(server.cli("INFO", "replication")["role"])
