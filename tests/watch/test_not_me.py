"""The link by which an owner says that a sign-in was somebody else's: all of it stands afterwards, or nothing does."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from watch.doubts import BROWSER, OWNER, SESSION, Door

from webapp.accounts import owed
from webapp.accounts.browsers import Browsers, ShownBrowser
from webapp.errors import DeadLink, StoreUnavailable
from webapp.history.model import now
from webapp.watch.not_me import Disowned


async def test_link_says_which_sign_in_it_is_about_and_changes_nothing(door: Door) -> None:
    token = await door.mail()
    for _ in range(2):
        doubted = await door.service.find(token)
        assert doubted.account.id == door.ada.id
        assert (doubted.session_id, doubted.device.label, doubted.lives) == (SESSION, "Safari on iPhone", False)
    assert await door.has_done_nothing()


async def test_browser_is_forgotten_and_the_end_of_the_session_owed_with_the_link_to_a_new_password(
    door: Door,
) -> None:
    disowned = await door.service.disown(await door.mail(), OWNER)
    assert not await door.knows_browser()
    (entry,) = await door.world.owed(door.ada, "session")
    assert disowned.entries == [entry]
    before = int(entry.body["before"])
    assert 0 <= entry.created.timestamp() + owed.CLOCKS - before < 2
    body = {"account": door.ada.id, "session": SESSION, "browser": BROWSER, "before": str(before)}
    assert entry.body == body
    assert (await door.world.passwords.find_reset(disowned.reset)).id == door.ada.id
    (event,) = await door.told()
    assert event.details == {"device": "Safari on iPhone"}
    assert (event.origin.device, event.origin.address) == (OWNER.device, "198.51.100.0/24")


async def test_link_works_once_also_where_two_press_at_the_same_moment(door: Door) -> None:
    token = await door.mail()
    answers = await asyncio.gather(*(door.service.disown(token, OWNER) for _ in range(4)), return_exceptions=True)
    (done,) = [answer for answer in answers if isinstance(answer, Disowned)]
    assert [type(answer) for answer in answers if answer is not done] == [DeadLink] * 3
    assert len(await door.told()) == 1
    assert await door.resets() == ["reset"]
    # The link that was given to the one who came first is the one that works.
    assert (await door.world.passwords.find_reset(done.reset)).id == door.ada.id


async def test_link_that_is_too_old_is_dead(door: Door) -> None:
    token = await door.mail(token_until=now() - timedelta(seconds=1))
    for use in (door.service.find(token), door.service.disown(token, OWNER)):
        with pytest.raises(DeadLink):
            await use
    assert await door.has_done_nothing()


@pytest.mark.parametrize("token", ["", "A", "A" * 43, "\x00", "é" * 43, "A" * 44])
async def test_text_that_is_no_link_is_dead(door: Door, token: str) -> None:
    await door.mail()
    with pytest.raises(DeadLink):
        await door.service.disown(token, OWNER)


async def test_database_that_goes_away_half_way_leaves_nothing_done_and_the_link_good(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await door.mail()

    async def break_off(_: Browsers, db: AsyncConnection, *__: object) -> None:
        await db.close()
        raise StoreUnavailable("database")

    with monkeypatch.context() as outage:
        outage.setattr(Browsers, "forget", break_off)
        with pytest.raises(StoreUnavailable):
            await door.service.disown(token, OWNER)
    assert await door.has_done_nothing()
    assert (await door.service.disown(token, OWNER)).reset


async def test_sign_in_on_a_shared_computer_has_no_browser_to_forget(door: Door) -> None:
    disowned = await door.service.disown(await door.mail(browser=""), OWNER)
    assert disowned.reset
    assert await door.knows_browser()


async def test_no_other_browser_is_forgotten(door: Door) -> None:
    async with door.engine.begin() as db:
        await door.rooms.browsers.know(db, door.ada.id, ShownBrowser(BROWSER.upper(), given="g" * 43), now())
    await door.service.disown(await door.mail(), OWNER)
    assert not await door.knows_browser()
    assert await door.rooms.browsers.knows(door.ada.id, ShownBrowser(BROWSER.upper(), "g" * 43))
