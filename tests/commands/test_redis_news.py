"""What the doctor says of a Redis user who may not tell or hear that sessions have ended, and how it finds that out."""

from collections.abc import Callable
from typing import cast

import pytest
from asgi_calls import settings
from findings import marked, the_one
from own_redis import SLOW, StandaloneRedis
from redis_deployments import ClusterRedis
from redis_forms import Deployment

from webapp.commands.checks import redis_checks
from webapp.commands.checks.findings import Finding, Mark

StartForm = Callable[[str], Deployment]

NAME, WORD = "doctor-news", "pass-word"
ALL = ("reset", "on", f">{WORD}", "~*", "+@all")
LOST = "may not tell and hear news"

# The first test of a form waits until its servers have found each other.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture(params=["password", "embedded"])
def server(start_redis: StartForm, request: pytest.FixtureRequest) -> StandaloneRedis:
    return cast("StandaloneRedis", start_redis(request.param))


@pytest.fixture
def cluster(start_redis: StartForm) -> ClusterRedis:
    return cast("ClusterRedis", start_redis("cluster"))


async def examined(redis: Deployment, *rules: str) -> list[Finding]:
    """Give what is said where the user of the address has these rights."""
    for server in redis.primaries():
        server.cli("ACL", "SETUSER", NAME, *ALL, *rules)
    scheme, _, place = redis.url.partition("://")
    try:
        url = f"{scheme}://{NAME}:{WORD}@{place.rpartition('@')[2]}"
        return await redis_checks.examine(settings(REDIS_URL=url), None)
    finally:
        for server in redis.primaries():
            server.cli("ACL", "DELUSER", NAME)


async def test_user_with_the_channel_is_well(server: StandaloneRedis) -> None:
    found = await examined(server, "resetchannels", "&session-events")
    assert the_one(found, "may tell and hear news").mark is Mark.OK
    assert marked(found, "wrong") == []


@pytest.mark.parametrize(
    "rules",
    [
        ("resetchannels",),
        ("resetchannels", "&events:*"),
        ("allchannels", "-subscribe"),
        ("allchannels", "-publish"),
    ],
)
async def test_user_without_a_right_is_told_what_is_lost_and_which_rule_to_add(
    server: StandaloneRedis, rules: tuple[str, ...]
) -> None:
    finding = the_one(await examined(server, *rules), LOST)
    assert finding.mark is Mark.WARNING
    assert "only after minutes" in finding.text
    assert finding.text.endswith("&session-events +publish +subscribe")


async def test_rule_that_is_told_is_enough(server: StandaloneRedis) -> None:
    finding = the_one(await examined(server, "resetchannels", "-publish", "-subscribe"), LOST)
    advice = finding.text.rpartition(": ")[2].split()
    found = await examined(server, "resetchannels", "-publish", "-subscribe", *advice)
    assert the_one(found, "may tell and hear news").mark is Mark.OK


async def test_nobody_hears_of_it(server: StandaloneRedis) -> None:
    before = _calls(server)
    assert the_one(await examined(server, "allchannels"), "may tell and hear news").mark is Mark.OK
    assert _calls(server) == before


def _calls(server: StandaloneRedis) -> list[int]:
    stats = server.cli("INFO", "commandstats")
    return [int(stats.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("publish", "subscribe")]


async def test_right_that_cannot_be_seen_is_not_tried_out(server: StandaloneRedis) -> None:
    before = _calls(server)
    finding = the_one(await examined(server, "allchannels", "-multi"), "Whether its user may tell and hear news")
    assert finding.mark is Mark.WARNING
    assert _calls(server) == before


async def test_cluster_s_user_is_told_of_its_own_channels(cluster: ClusterRedis) -> None:
    assert the_one(await examined(cluster, "resetchannels", "&events:*"), "may tell and hear news").mark is Mark.OK

    finding = the_one(await examined(cluster, "resetchannels", "&session-events"), LOST)
    advice = finding.text.rpartition(": ")[2]
    assert advice.startswith("&events:*")
    assert the_one(await examined(cluster, "resetchannels", *advice.split()), "may tell and hear news").mark is Mark.OK
