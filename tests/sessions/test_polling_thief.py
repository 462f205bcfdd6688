"""A thief who comes all the time and never shows what he is handed: the owner, on another network, is handed hers."""

from dataclasses import dataclass

import pytest
from session_holders import GRACE, PERIOD, Holder, offered
from session_world import ADDRESS, MINUTE, World

from webapp.sessions.model import AccountSnapshot

OWNER, THIEF, ANOTHER = ADDRESS, "192.0.2.66", "2001:db8:66::1"
HOURS = 3 * 3600


@dataclass
class Poll:
    """A script that shows a copy of the cookie again and again, and keeps nothing of what it is given."""

    world: World
    copy: str
    networks: tuple[str, ...]
    visits: int = 0
    put_out: bool = False

    async def shows_it(self) -> None:
        self.visits += 1
        address = self.networks[self.visits % len(self.networks)]
        self.put_out = await self.world.service.resume(self.copy, address=address) is None


async def go_on(poll: Poll, owner: Holder, *, every: int, owner_every: int) -> int:
    """Let seconds pass until the script is out, or hours have; gives how many those were."""
    for second in range(1, HOURS):
        due = [second % every == 0, second % owner_every == 0]
        if not any(due):
            continue
        previous = max((second - 1) // every * every, (second - 1) // owner_every * owner_every)
        await poll.world.age(owner.token, second - previous)
        if due[0]:
            await poll.shows_it()
        if poll.put_out or (due[1] and not await owner.visits()):
            return second
    return HOURS


@pytest.mark.parametrize("remember", [False, True])
@pytest.mark.parametrize("every", [61, 5])
async def test_script_that_repeats_a_stolen_cookie_is_caught(
    world: World, ada: AccountSnapshot, every: int, *, remember: bool
):
    started = await world.sign_in(ada, remember=remember)
    owner, script = Holder(world, started.token), Poll(world, started.token, (THIEF,))

    seconds = await go_on(script, owner, every=every, owner_every=120)

    # The first two are the script's, within eleven minutes. The next visit of hers that is a minute later brings the
    # owner one, the visit after it shows that, and a minute later the copy is worthless.
    assert seconds <= PERIOD + 8 * MINUTE
    assert await world.listed(ada) == []
    for token in (owner.token, started.token):
        ending = await world.why_ended(token)
        assert ending is not None
        assert ending.reason == "two-places"


@pytest.mark.parametrize("owner_every", [120, 1200, 3000])
async def test_script_with_two_networks_pushes_no_secret_of_the_owner_out_of_memory(
    world: World, ada: AccountSnapshot, owner_every: int
):
    started = await world.sign_in(ada)
    owner, script = Holder(world, started.token), Poll(world, started.token, (THIEF, ANOTHER))

    await go_on(script, owner, every=61, owner_every=owner_every)

    assert await world.listed(ada) == []
    ending = await world.why_ended(started.token)
    assert ending is not None
    assert ending.reason == "two-places"


async def test_every_network_is_handed_one_secret_of_its_own_while_none_is_shown(world: World, ada: AccountSnapshot):
    started, _ = await offered(world, ada)

    async def handed(address: str) -> bool:
        resumed = await world.service.resume(started.token, address=address)
        assert resumed is not None
        return resumed.cookie is not None

    assert await handed(THIEF)
    # A third would have the first forgotten, which may be under way.
    assert [await handed(address) for address in (THIEF, OWNER, ANOTHER)] == [False] * 3
    await world.age(started.token, GRACE)
    assert [await handed(address) for address in (THIEF, OWNER, ANOTHER, ANOTHER)] == [False, False, True, False]
    await world.age(started.token, GRACE)
    assert [await handed(address) for address in (ANOTHER, THIEF, OWNER)] == [False] * 3
    await world.age(started.token, PERIOD - GRACE)
    assert [await handed(address) for address in (OWNER, OWNER, THIEF)] == [True, False, False]
