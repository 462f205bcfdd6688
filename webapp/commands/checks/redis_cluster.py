"""A cluster: whole, every node of it reachable, and each fit to hold sessions."""

import asyncio
from asyncio import gather

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.exceptions import RedisError

from webapp.settings import Settings

from .findings import Finding, ok, warning, wrong
from .redis_facts import Clock, Server, look_at
from .redis_reasons import reason
from .redis_rules import judge

SLOTS = 16384
# Seconds for all that one node is asked.
NODE_ANSWERS_WITHIN = 5

State = dict[str, str]


async def examine(client: RedisCluster, settings: Settings, clock: Clock) -> list[Finding]:
    """Check the cluster and each primary of it. Raises what redis-py raises when no node answers."""
    # The client's own initialize() would ask the first node for its commands next, and fail where that one is lost. And
    # it closes only what it has opened itself.
    await client.nodes_manager.initialize()
    try:
        return await _examine(client, settings, clock)
    finally:
        for nodes in ("nodes_cache", "startup_nodes"):
            await client.nodes_manager.aclose(nodes)


async def _examine(client: RedisCluster, settings: Settings, clock: Clock) -> list[Finding]:
    primaries = client.get_primaries()
    looks = await gather(*(_look(node, clock) for node in primaries))
    lost = [look for look in looks if isinstance(look, Finding)]
    seen = [look for look in looks if not isinstance(look, Finding)]
    return [
        _state([state for state, _ in seen]),
        _replicas(len(client.get_replicas()), len(primaries)),
        *lost,
        *_together([server for _, server in seen], settings),
    ]


async def _look(node: ClusterNode, clock: Clock) -> tuple[State, Server] | Finding:
    """Ask one node, past the client, which would ask another one instead of one that is lost."""
    name = f"{node.host}:{node.port}"
    try:
        async with asyncio.timeout(NODE_ANSWERS_WITHIN):
            return await node.execute_command("CLUSTER INFO"), await look_at(node.execute_command, name, clock)
    except (RedisError, OSError) as error:
        return wrong(f"The node at {name} cannot be used: {reason(error, tls=False)}")


def _state(states: list[State]) -> Finding:
    # A node that is cut off from the others sees less than they do, and refuses what it could serve.
    served = min((int(state["cluster_slots_ok"]) for state in states), default=0)
    if served == SLOTS and all(state["cluster_state"] == "ok" for state in states):
        return ok(f"The cluster is whole: {states[0]['cluster_size']} primaries serve all {SLOTS} slots.")
    return wrong(
        f"The cluster is not whole: {served} of {SLOTS} slots are served, and whoever belongs to another gets 503. "
        "CLUSTER NODES tells which node is missing; bring it back or have a replica take over."
    )


def _replicas(count: int, primaries: int) -> Finding:
    if count >= primaries:
        return ok(f"{count} replicas stand behind {primaries} primaries.")
    return warning(
        f"{count or 'No'} replicas stand behind {primaries} primaries: when one of those is lost, its people get 503 "
        "until it is back. Add a replica for each."
    )


def _together(servers: list[Server], settings: Settings) -> list[Finding]:
    """Say once what holds for all, and name the nodes for which the rest does."""
    told: dict[Finding, list[str]] = {}
    for server in servers:
        for finding in judge(server, settings):
            told.setdefault(finding, []).append(server.name)
    return [Finding(finding.mark, f"{_whose(names, servers)}: {finding.text}") for finding, names in told.items()]


def _whose(names: list[str], servers: list[Server]) -> str:
    return f"All {len(names)} nodes that answer" if len(names) == len(servers) else ", ".join(names)
