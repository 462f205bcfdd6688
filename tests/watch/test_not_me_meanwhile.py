"""Was this you? What has become of the account, its password and the browser between the mail and the answer."""

from datetime import UTC, datetime, timedelta

import pytest
from watch.doubts import BROWSER, OWNER, SESSION, Door

from webapp.accounts.changes import Change
from webapp.accounts.model import Account
from webapp.errors import DeadLink
from webapp.sessions.device import Device
from webapp.sessions.model import Session
from webapp.watch.not_me import NotMeService


async def test_account_that_changes_between_the_look_and_the_act_is_looked_at_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, look = await door.mail(), door.service.find
    moved = {"email": "new@example.test", "email_key": "new@example.test", "confirmed": datetime.now(UTC)}

    async def move_after_the_look(service: NotMeService, given: str) -> object:
        monkeypatch.undo()
        doubted = await look(given)
        await door.world.changes.apply(door.ada.id, Change(moved))
        return doubted

    monkeypatch.setattr(NotMeService, "find", move_after_the_look)
    disowned = await door.service.disown(token, OWNER)
    assert disowned.doubted.account.email == "new@example.test"
    assert disowned.reset == ""
    assert await door.resets() == []
    assert len(await door.told()) == 1


@pytest.mark.parametrize("proof", ["confirmed", "password_changed"])
@pytest.mark.parametrize(("later", "leads"), [(timedelta(seconds=1), False), (timedelta(seconds=-1), True)])
async def test_link_leads_to_a_new_password_unless_the_email_was_proven_or_the_password_changed_since(
    door: Door, proof: str, later: timedelta, *, leads: bool
) -> None:
    token = await door.mail()
    sign_in = (await door.service.find(token)).happened.at
    await door.world.changes.apply(door.ada.id, Change({proof: sign_in + later}))
    disowned = await door.service.disown(token, OWNER)
    assert disowned.doubted.leads_to_password is leads
    assert bool(disowned.reset) is leads
    assert await door.resets() == (["reset"] if leads else [])
    assert not await door.knows_browser()


async def test_password_that_changes_between_the_look_and_the_act_keeps_the_link_from_opening_the_account(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, look = await door.mail(), door.service.find

    async def change_after_the_look(service: NotMeService, given: str) -> object:
        monkeypatch.undo()
        doubted = await look(given)
        await door.world.changes.apply(door.ada.id, Change({"password_changed": datetime.now(UTC)}))
        return doubted

    monkeypatch.setattr(NotMeService, "find", change_after_the_look)
    assert (await door.service.disown(token, OWNER)).reset == ""
    assert await door.resets() == []


async def test_older_link_to_a_new_password_is_dead_afterwards(door: Door) -> None:
    older = door.world.links.make("reset", door.ada.id, door.ada.email)
    await door.world.changes.apply(door.ada.id, Change(new_links=[older.link]))
    await door.service.disown(await door.mail(), OWNER)
    assert await door.resets() == ["reset"]
    with pytest.raises(DeadLink):
        await door.world.passwords.find_reset(door.world.links.token_of(older.seed, older.link.token_hash) or "")


async def test_link_is_shown_and_used_while_redis_is_away(door: Door) -> None:
    token = await door.mail()
    door.sessions.living = None
    assert (await door.service.find(token)).lives is None
    assert (await door.service.disown(token, OWNER)).reset


@pytest.mark.parametrize(
    ("session_id", "browser", "lives"),
    [(SESSION, "", True), ("t" * 22, BROWSER[:11], True), ("t" * 22, "c" * 11, False), ("t" * 22, "", False)],
)
async def test_browser_is_signed_in_as_long_as_any_session_of_it_lives(
    door: Door, session_id: str, browser: str, *, lives: bool
) -> None:
    door.sessions.living = [session(door.ada, session_id, browser)]
    assert (await door.service.find(await door.mail())).lives is lives


async def test_session_without_a_browser_says_nothing_of_others_without_one(door: Door) -> None:
    door.sessions.living = [session(door.ada, "t" * 22, "")]
    assert (await door.service.find(await door.mail(browser=""))).lives is False


def session(ada: Account, session_id: str, browser: str) -> Session:
    return Session(
        id=session_id,
        account_id=ada.id,
        created=0,
        seen=0,
        confirmed=0,
        idle=60,
        expires=60,
        remembered=False,
        method="password",
        device=Device("Safari on iPhone", "phone"),
        address="",
        name="",
        browser=browser,
    )
