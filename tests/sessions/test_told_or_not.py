"""A Redis that cannot tell as others do: its sessions begin and end all the same."""

import re
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from own_redis import SLOW
from redis_clients import opened
from redis_deployments import ClusterRedis, SentinelRedis
from redis_forms import Deployment
from session_news import listening
from session_world import CAUSE, World

from webapp.dev import redis_server
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.news import News

USER = "app"


@contextmanager
def user_without_channels(redis: Deployment) -> Iterator[str]:
    """Make a user with every right but to channels; gives the address for it."""
    servers = redis.servers if isinstance(redis, (ClusterRedis, SentinelRedis)) else redis.primaries()
    for server in servers:
        server.cli("ACL", "SETUSER", USER, "on", "nopass", "~*", "+@all", "resetchannels")
    try:
        yield re.sub(r"//([^@/]*@)?", f"//{USER}:any@", redis.url, count=1)
    finally:
        for server in servers:
            server.cli("ACL", "DELUSER", USER)


async def test_user_without_a_right_to_channels_begins_and_ends_sessions(deployment: Deployment, ada: AccountSnapshot):
    async with listening(deployment, ada.id) as listener:
        with user_without_channels(deployment) as url:
            async with opened(url, **deployment.variables) as redis:
                world = World(redis)
                world.accounts.rows[ada.id] = ada
                here, there = await world.sign_in(ada), await world.sign_in(ada)
                assert await world.service.rename(ada.id, here.session.id, "Kitchen")
                assert await world.service.renew(there.token)
                assert await world.service.end(ada.id, there.session.id, CAUSE)
                again = await world.sign_in(ada, replacing=here.token)
                assert again.ended == (here.session.id,)
                assert await world.service.end_all(ada.id, CAUSE) == (again.session.id,)
                assert await world.listed(ada) == []
        assert await listener.messages() == []


@pytest.mark.timeout(SLOW)
async def test_cluster_that_knows_no_sharded_channels_tells_on_every_node():
    with TemporaryDirectory(prefix="gatehouse-") as folder:
        cluster = ClusterRedis(Path(folder), redis_server.EMBEDDED_BINARY)
        try:
            await every_node_tells(cluster)
        finally:
            cluster.stop()


async def every_node_tells(cluster: ClusterRedis) -> None:
    async with opened(cluster.url) as redis, AsyncExitStack() as stack:
        world = World(redis)
        ada = world.person()
        listeners = [await stack.enter_async_context(listening(cluster, ada.id, on=node)) for node in cluster.nodes]

        started = await world.sign_in(ada)
        assert await world.service.end(ada.id, started.session.id, CAUSE)

        ids = (started.session.id,)
        for listener in listeners:
            news = await listener.news(ada.id)
            assert news == [News(ada.id, "started", ids), News(ada.id, "ended", ids)]
