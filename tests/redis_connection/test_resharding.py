"""A cluster that moves an account to another node, key by key: half of it is never taken for the whole."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from compatibility.first_form import FirstWorld
from compatibility.first_form import key_of as first_key_of
from own_redis import SLOW, StandaloneRedis
from redis_clients import opened
from redis_connection.own import Own
from redis_deployments import ClusterRedis
from session_fields import account_key
from session_world import CAUSE, World

from webapp.errors import StoreUnavailable
from webapp.redis_connection import cluster
from webapp.sessions.model import AccountSnapshot, Started

# Milliseconds for one key.
MOVED_WITHIN = 2000

# Its fixture alone may wait for a cluster for longer than a test has.
pytestmark = pytest.mark.timeout(SLOW)


class Move:
    """The slot of one account on its way from the node that has it to another one."""

    def __init__(self, deployment: ClusterRedis, account: AccountSnapshot) -> None:
        self._nodes = deployment.primaries()
        self._slot = self._nodes[0].cli("CLUSTER", "KEYSLOT", account_key(account.id))
        self._source = next(node for node in self._nodes if self._keys(node))
        self.target = next(node for node in self._nodes if node is not self._source)
        self.target.cli("CLUSTER", "SETSLOT", self._slot, "IMPORTING", self._source.cli("CLUSTER", "MYID"))
        self._source.cli("CLUSTER", "SETSLOT", self._slot, "MIGRATING", self.target.cli("CLUSTER", "MYID"))

    def take(self, *keys: str) -> None:
        """Move some of the account's keys."""
        for key in keys:
            self._source.cli("MIGRATE", "127.0.0.1", self.target.port, key, 0, MOVED_WITHIN)

    def finish(self) -> None:
        """Move what is left, and tell everybody whose slot it is now, its new owner first."""
        self.take(*self._keys(self._source))
        for node in (self.target, self._source, *self._nodes):
            node.cli("CLUSTER", "SETSLOT", self._slot, "NODE", self.target.cli("CLUSTER", "MYID"))

    def _keys(self, node: StandaloneRedis) -> list[str]:
        return list(node.cli("CLUSTER", "GETKEYSINSLOT", self._slot, 100))


@pytest.fixture
def deployment(own: Own) -> ClusterRedis:
    return own.cluster()


@pytest.fixture
async def world(deployment: ClusterRedis) -> AsyncIterator[World]:
    async with opened(deployment.url) as redis:
        yield World(redis)


def acts(world: World, ada: AccountSnapshot, here: Started, there: Started) -> list[Callable[[], Awaitable[object]]]:
    """Give everything that looks at a record or at all of them."""
    ids, service = (ada.id, here.session.id), world.service
    return [
        lambda: world.resumes(here.token),
        lambda: service.list(ada.id),
        lambda: service.rename(*ids, "Laptop"),
        lambda: service.confirm(*ids),
        lambda: service.end(*ids, cause=CAUSE),
        lambda: service.end_others(ada.id, there.session.id, cause=CAUSE),
        lambda: service.end_all(ada.id, cause=CAUSE),
        lambda: service.trim_ending(*ids),
        lambda: world.sign_in(ada, replacing=here.token),
    ]


@pytest.mark.parametrize("first", ["index and snapshot", "the session", "all but the session"])
async def test_account_of_the_first_form_that_is_half_moved_is_unavailable_and_comes_to_no_harm(
    deployment: ClusterRedis, world: World, first: str
):
    after, world = world, FirstWorld(world.redis)
    ada = world.person()
    here, there = await world.sign_in(ada), await world.sign_in(ada)
    before = await world.listed(ada)
    move = Move(deployment, ada)
    both, session = (f"sessions:{{{ada.id}}}", f"account:{{{ada.id}}}"), first_key_of(here.token)
    rest = (*both, first_key_of(there.token))
    move.take(*{"index and snapshot": both, "the session": (session,), "all but the session": rest}[first])

    # Nor is it taken over then.
    for act in [*acts(world, ada, here, there), *acts(after, ada, here, there)]:
        with pytest.raises(StoreUnavailable):
            await act()

    move.finish()
    assert await world.listed(ada) == before
    assert await world.resumes(here.token)
    assert await world.resumes(there.token)
    assert len(await world.service.end_all(ada.id, cause=CAUSE)) == 2


@pytest.mark.parametrize("moved", [False, True])
async def test_account_that_is_to_move_or_has_moved_is_served_but_for_what_leaves_a_mark(
    deployment: ClusterRedis, world: World, *, moved: bool
):
    """Whether a mark is missing, or on the other node, neither of them can say."""
    ada = world.person()
    here, there = await world.sign_in(ada), await world.sign_in(ada)
    move = Move(deployment, ada)
    if moved:
        move.take(account_key(ada.id))

    for act in (lambda: world.service.confirm(ada.id, here.session.id), lambda: world.sign_in(ada)):
        with pytest.raises(StoreUnavailable):
            await act()
    assert await world.resumes(here.token)
    assert len(await world.listed(ada)) == 2
    assert await world.service.rename(ada.id, here.session.id, "Laptop")
    assert await world.service.end(ada.id, there.session.id, cause=CAUSE)
    await world.service.trim_ending(ada.id, there.session.id)
    assert len(await world.service.end_all(ada.id, cause=CAUSE)) == 1


@pytest.mark.parametrize("form", ["this", "first"])
async def test_account_whose_move_has_not_begun_or_is_done_is_served(deployment: ClusterRedis, world: World, form: str):
    world = FirstWorld(world.redis) if form == "first" else world
    ada = world.person()
    here, there = await world.sign_in(ada), await world.sign_in(ada)
    move = Move(deployment, ada)

    assert await world.resumes(here.token)
    assert await world.service.end(ada.id, there.session.id, cause=CAUSE)
    move.take(*sorted(await world.keys()))

    assert await world.resumes(here.token)
    assert await world.listed(ada) == [here.session.id]
    move.finish()
    assert await world.resumes(here.token)
    assert not await world.resumes(there.token)
    assert await world.why_ended(there.token)


@pytest.mark.parametrize("who_is_redirected", ["the write", "a visit before it"])
async def test_write_waits_for_a_replica_after_its_account_has_moved(
    own: Own, monkeypatch: pytest.MonkeyPatch, who_is_redirected: str
):
    # No look at the map but those that the write itself needs.
    monkeypatch.setattr(cluster, "REDIRECTED_REFRESH", cluster.REFRESH_EVERY)
    deployment = own.cluster(replicas=1)
    async with opened(deployment.url) as redis:
        world = World(redis)
        await world.service.load_scripts()
        ada = world.person()
        here = await world.sign_in(ada)
        move = Move(deployment, ada)
        move.target.cli("CONFIG RESETSTAT")
        move.finish()
        if who_is_redirected == "a visit before it":
            # The redirection tells of the new primary and of no replica.
            assert await world.resumes(here.token)

        assert await world.service.end(ada.id, here.session.id, cause=CAUSE)

    assert "cmdstat_wait" in move.target.cli("INFO", "commandstats")


async def test_write_waits_for_a_replica_while_its_account_is_moving(own: Own):
    deployment = own.cluster(replicas=1)
    async with opened(deployment.url) as redis:
        world = World(redis)
        await world.service.load_scripts()
        ada = world.person()
        here = await world.sign_in(ada)
        move = Move(deployment, ada)
        move.target.cli("CONFIG RESETSTAT")
        move.take(account_key(ada.id))

        assert await world.service.end(ada.id, here.session.id, cause=CAUSE)

    assert "cmdstat_wait" in move.target.cli("INFO", "commandstats")
