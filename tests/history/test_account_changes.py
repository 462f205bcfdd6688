"""What is done to an account is in its history, in the same transaction, with the place that it was done from."""

from datetime import timedelta

import pytest
from account_world import ADA, NETWORK, PASSWORD, SESSION, World, open_world
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts import service
from webapp.accounts.client import Client
from webapp.accounts.model import Account
from webapp.accounts.owed import Kept
from webapp.errors import EmailTaken, SamePassword, WrongCredentials
from webapp.history import Event, History, Origin, now

NEW = "eleven copper umbrellas"
HERE = Origin(SESSION, "computer:Firefox on Windows", "203.0.113.7", "Berlin, Germany")


@pytest.fixture
def world(engine: AsyncEngine) -> World:
    """Give services that send mails."""
    return open_world(engine)


@pytest.fixture
async def ada(world: World) -> Account:
    """Give an account."""
    return await world.register()


async def only(history: History, account: Account) -> Event:
    """Give the one event of an account."""
    (event,) = await history.of(account.id)
    return event


async def change_password(world: World, ada: Account, current: str = PASSWORD, new: str = NEW) -> None:
    keep = Kept(SESSION, "a hash")
    await world.passwords.change(ada.id, current, new, keep=keep, client=Client(NETWORK, origin=HERE))


async def test_changed_password_is_in_the_history(world: World, ada: Account, history: History) -> None:
    await change_password(world, ada)
    event = await only(history, ada)
    assert (event.kind, event.origin) == ("password-changed", HERE)


async def test_password_that_was_not_changed_is_not_in_the_history(
    world: World, ada: Account, history: History
) -> None:
    with pytest.raises(WrongCredentials):
        await change_password(world, ada, "not the password")
    with pytest.raises(SamePassword):
        await change_password(world, ada, new=PASSWORD)
    assert await history.of(ada.id) == []


async def test_sessions_that_end_for_a_new_password_are_told_from_which_device(world: World, ada: Account) -> None:
    await change_password(world, ada)
    (entry,) = await world.owed(ada, "sessions")
    assert (entry.body["reason"], entry.body["by"]) == ("password", HERE.device)


async def test_password_that_was_reset_by_mail_is_in_the_history(world: World, ada: Account, history: History) -> None:
    await world.passwords.request_reset(ADA, network=NETWORK)
    (entry,) = await world.outbox.claim(["reset"], 1, timedelta(minutes=1))
    await world.passwords.send_reset(entry)
    nowhere = Origin("", HERE.device, HERE.address, HERE.place)
    client = Client(NETWORK, origin=nowhere)
    await world.passwords.reset(await world.token(ada, "reset-password"), NEW, client=client)
    event = await only(history, ada)
    assert (event.kind, event.details) == ("password-changed", {"how": "reset"})
    assert event.origin.address == "203.0.113.0/24"


async def test_new_name_is_in_the_history(world: World, ada: Account, history: History) -> None:
    await world.service.rename(ada.id, "Ada Byron", HERE)
    event = await only(history, ada)
    assert (event.kind, event.details, event.origin) == ("name-changed", {"name": "Ada Byron"}, HERE)


async def test_changed_email_and_one_that_was_brought_back_are_in_the_history(
    world: World, ada: Account, history: History
) -> None:
    await world.addresses.confirm(await world.token(ada, "confirm-email"), HERE)
    assert await history.of(ada.id) == []
    await world.addresses.request_change(ada.id, "new@example.test")
    await world.addresses.confirm(await world.token(ada, "confirm-new-email"), HERE)
    await world.erasures.plan(ada.id, HERE)
    await world.addresses.restore(await world.token(ada, "email-changed"), HERE)
    changed, planned, kept, back = await history.of(ada.id)
    assert [event.kind for event in (changed, planned)] == ["email-changed", "erasure-planned"]
    assert changed.details == {"from": "A•••@Example.com", "to": "n•••@example.test"}
    assert {event.kind for event in (kept, back)} == {"email-restored", "erasure-cancelled"}
    assert {event.origin for event in (changed, planned, kept, back)} == {HERE}


async def test_email_that_was_somebody_elses_by_then_is_not_in_the_history(
    world: World, ada: Account, history: History
) -> None:
    await world.addresses.request_change(ada.id, "new@example.test")
    await world.register("new@example.test")
    with pytest.raises(EmailTaken):
        await world.addresses.confirm(await world.token(ada, "confirm-new-email"), HERE)
    assert await history.of(ada.id) == []


async def test_erasure_is_in_the_history_when_it_is_planned_and_when_it_is_off(
    world: World, ada: Account, history: History
) -> None:
    await world.erasures.plan(ada.id, HERE)
    planned = await world.erasures.plan(ada.id, HERE)
    assert planned is not None
    assert await world.erasures.cancel(planned[0], HERE) is not None
    assert [event.kind for event in await history.of(ada.id)] == ["erasure-planned", "erasure-cancelled"]
    assert all(event.details == {} for event in await history.of(ada.id))


async def test_erasure_that_an_operator_has_planned_says_so(world: World, ada: Account, history: History) -> None:
    await world.erasures.plan(ada.id, by_operator=True)
    assert (await only(history, ada)).details == {"by": "operator"}
    (entry,) = await world.owed(ada, "sessions")
    assert entry.body["reason"] == "operator"


async def test_history_goes_with_its_account(world: World, ada: Account, history: History) -> None:
    await world.service.rename(ada.id, "Ada Byron", HERE)
    await world.erasures.erase_now(ada.id)
    assert await history.of(ada.id) == []


async def test_name_that_the_account_has_already_is_no_news(world: World, ada: Account, history: History) -> None:
    await world.service.rename(ada.id, "Ada Byron", HERE)
    before = await history.of(ada.id)
    await world.service.rename(ada.id, "Ada Byron", HERE)
    assert await history.of(ada.id) == before


async def test_last_name_of_an_hour_stands_for_those_before_it(
    world: World, ada: Account, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = now()
    monkeypatch.setattr(service, "now", lambda: moment)
    for name in ("Ada Byron", "Ada King", "Countess of Lovelace"):
        await world.service.rename(ada.id, name, HERE)
    assert [event.details for event in await history.of(ada.id)] == [{"name": "Countess of Lovelace"}]
