"""What the doctor says of sentinels and of clusters, whole ones and those that lack a part."""

from collections.abc import Callable
from typing import cast

import pytest
from asgi_calls import settings
from findings import marked, the_one
from own_redis import SLOW, StandaloneRedis, wait_until
from redis_deployments import NOTICED_AFTER, NOTICED_SOON, ClusterRedis, SentinelRedis
from redis_forms import Deployment

from webapp.commands.checks import redis_checks
from webapp.commands.checks.findings import Finding, Mark

StartForm = Callable[[str], Deployment]

# The first test of a form waits until its servers have found each other.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def watched(start_redis: StartForm) -> SentinelRedis:
    """Give a primary, its replica, and three sentinels."""
    return cast("SentinelRedis", start_redis("sentinel"))


@pytest.fixture
def cluster(start_redis: StartForm) -> ClusterRedis:
    """Give three primaries that share the slots."""
    return cast("ClusterRedis", start_redis("cluster"))


async def examined(url: str) -> list[Finding]:
    return await redis_checks.examine(settings(REDIS_URL=url), None)


async def test_whole_watch_is_told_with_its_primary(watched: SentinelRedis) -> None:
    found = await examined(watched.url)
    assert marked(found, "wrong") == []
    assert the_one(found, "All 3 sentinels answer.").mark is Mark.OK
    assert the_one(found, f"They agree that the primary is 127.0.0.1:{watched.primary().port}.").mark is Mark.OK
    assert the_one(found, "1 replica can take its place.").mark is Mark.OK
    assert the_one(found, "There are 3 sentinels in all, of which 2 decide.").mark is Mark.OK


async def test_sentinel_that_is_gone_is_named(watched: SentinelRedis) -> None:
    gone = watched.sentinels[1]
    gone.freeze()
    try:
        finding = the_one(await examined(watched.url), "2 of 3 sentinels answer")
    finally:
        watched.heal()
    assert finding.mark.value == "warning"
    assert f"127.0.0.1:{gone.port}" in finding.text


async def test_service_that_no_sentinel_knows_is_told_by_each(watched: SentinelRedis) -> None:
    found = await examined(watched.url.replace("/main", "/other"))
    wrong = marked(found, "wrong")
    assert len(wrong) == 4
    assert "no sentinel that answers knows a primary of that name" in wrong[0]
    assert "No such master with that name" in wrong[1]


async def test_one_named_sentinel_is_a_warning_as_it_may_be_lost(watched: SentinelRedis) -> None:
    one = f"redis+sentinel://127.0.0.1:{watched.sentinels[0].port}/main"
    assert the_one(await examined(one), "The one sentinel").mark.value == "warning"


async def test_whole_cluster_is_told_once_for_all_nodes(cluster: ClusterRedis) -> None:
    found = await examined(cluster.url)
    assert marked(found, "wrong") == []
    assert the_one(found, "The cluster is whole: 3 primaries serve all 16384 slots.").mark is Mark.OK
    assert the_one(found, "All 3 nodes that answer: Nothing is evicted").mark is Mark.OK
    assert the_one(found, "No replicas stand behind 3 primaries").mark.value == "warning"


async def test_node_with_another_policy_is_named(cluster: ClusterRedis) -> None:
    odd = cluster.nodes[1]
    odd.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        found = await examined(cluster.url)
    finally:
        odd.cli("CONFIG", "SET", "maxmemory-policy", "noeviction")
    [text] = marked(found, "wrong")
    assert text.startswith(f"127.0.0.1:{odd.port}: Its eviction policy is allkeys-lru")


async def test_lost_node_is_told_and_hides_no_other(cluster: ClusterRedis) -> None:
    lost, *others = cluster.nodes
    for node in cluster.nodes:
        node.cli("CONFIG", "SET", "cluster-node-timeout", NOTICED_SOON)
    lost.kill()
    try:
        wait_until(lambda: all(_misses_slots(node) for node in others), "the others notice")
        found = await examined(cluster.url)
    finally:
        lost.start()
        wait_until(cluster.is_whole, "the cluster is whole again")
        for node in others:
            node.cli("CONFIG", "SET", "cluster-node-timeout", NOTICED_AFTER)
    assert "The cluster is not whole" in marked(found, "wrong")[0]
    assert the_one(found, f"127.0.0.1:{lost.port} cannot be used: nothing listens there").mark.value == "wrong"
    assert the_one(found, "All 2 nodes that answer: Nothing is evicted").mark is Mark.OK


def _misses_slots(node: StandaloneRedis) -> bool:
    return str(node.cli("CLUSTER INFO")["cluster_state"]) == "fail"
