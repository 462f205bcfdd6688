"""What is noted of a browser after its owner has said that it was somebody else."""

import pytest
from watch.world import KNOWN, OTHER, SAFARI, World, on

from webapp.accounts.browsers import ShownBrowser
from webapp.history import Origin
from webapp.watch.not_me import Disowned

OWNER = Origin("", "computer:Firefox on Linux", "198.51.100.7")


async def disown(world: World) -> Disowned:
    """Say of the latest sign-in with a mail that it was somebody else's."""
    mail = [entry for entry in await world.entries("mail") if entry.body["letter"] == "new-sign-in"][-1]
    token = world.services.not_me._rooms.links.token_of(mail.body["seed"], mail.body["hash"]) or ""
    return await world.services.not_me.disown(token, OWNER)


async def knows(world: World, browser: ShownBrowser) -> bool:
    return await world.services.browsers.knows(world.ada.id, browser)


@pytest.mark.parametrize("is_ended", [True, False])
async def test_sign_in_of_a_disowned_browser_that_is_noted_late_makes_it_not_known_again(
    world: World, *, is_ended: bool
) -> None:
    """Whether its session has ended by then, or Redis was away and that is still owed."""
    await world.watched_sign_in(on(SAFARI, browser=OTHER))
    await world.sign_in(on(SAFARI, browser=OTHER))
    disowned = await disown(world)
    if is_ended:
        await world.services.deeds.settle(disowned.entries)
    await world.settle_and_work()
    assert await world.reasons() == ["not-me"] * 2 * is_ended
    assert [event.origin.device for event in await world.events("signed-in")] == [SAFARI.encode()] * 2
    assert not await knows(world, OTHER)


async def test_other_browsers_and_later_sign_ins_are_noted_as_ever(world: World) -> None:
    await world.watched_sign_in(on(SAFARI, browser=OTHER))
    await world.sign_in(on(browser=KNOWN))
    await disown(world)
    await world.settle_and_work()
    assert [await knows(world, each) for each in (KNOWN, OTHER)] == [True, False]
    await world.watched_sign_in(on(SAFARI, browser=OTHER))
    assert await knows(world, OTHER)
