"""Who is asked and told while a password is checked: known browsers, and wrong passwords that are noted."""

import asyncio
from datetime import UTC, datetime

import pytest
from account_life import HERE, NEW, ask, confirmed, reset
from account_world import ADA, NETWORK, PASSWORD, SESSION, World, open_world
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import Browsers, ShownBrowser
from webapp.accounts.client import Client
from webapp.accounts.model import Account
from webapp.accounts.proof import NO_EMAIL
from webapp.errors import StoreUnavailable, TooManyTries, WrongCredentials
from webapp.shielding import settle

KEY = "ada@example.com"
NAME, PHONE = "b" * 16, "Safari on iPhone"
BROWSER, FORGED = ShownBrowser(NAME, "s" * 43), ShownBrowser(NAME, "f" * 43)


async def know(engine: AsyncEngine, account: Account) -> None:
    """Know BROWSER as one of the account's."""
    async with engine.begin() as db:
        await Browsers(engine).know(db, account.id, ShownBrowser(NAME, given=BROWSER.shown), datetime.now(UTC))


async def hang(*_: object) -> None:
    await asyncio.Event().wait()


async def guess(world: World, email: str = ADA, browser: ShownBrowser | None = None) -> None:
    with pytest.raises(WrongCredentials):
        await world.service.authenticate(email, "wrong", network=NETWORK, browser=browser, device=PHONE)


async def test_known_browser_has_tries_of_its_own(world: World, engine: AsyncEngine) -> None:
    await know(engine, await world.register())
    await world.register("bob@example.com")
    for email in (ADA, "bob@example.com", "nobody@example.com"):
        await guess(world, email, BROWSER)
    assert world.tries.taken == {(KEY, NAME): 1, ("bob@example.com", NETWORK): 1, ("nobody@example.com", NETWORK): 1}
    await world.service.authenticate(ADA, PASSWORD, network=NETWORK, browser=BROWSER)
    assert (KEY, NAME) not in world.tries.taken


async def test_browser_with_a_forged_secret_behind_a_known_name_is_a_new_one(world: World, engine: AsyncEngine) -> None:
    await know(engine, await world.register())
    await guess(world, browser=FORGED)
    assert world.tries.taken == {(KEY, NETWORK): 1}


async def test_guesses_from_elsewhere_keep_no_known_browser_out(engine: AsyncEngine) -> None:
    world = open_world(engine, limit=3)
    account = await world.register()
    await know(engine, account)
    for _ in range(3):
        await guess(world)
    with pytest.raises(TooManyTries):
        await world.sign_in()
    assert await world.service.authenticate(ADA, PASSWORD, network=NETWORK, browser=BROWSER) == account
    assert await world.service.confirm_password(account.id, PASSWORD, network=NETWORK, session_id=SESSION) == account


async def test_wrong_password_is_noted_with_its_place_in_the_row_whether_there_is_an_account_or_not(
    world: World, engine: AsyncEngine
) -> None:
    account = await world.register()
    await know(engine, account)
    for email in (ADA, "nobody@example.com", "no email"):
        for _ in range(2):
            await guess(world, email)
    await guess(world, browser=BROWSER)
    with pytest.raises(WrongCredentials):
        await world.service.confirm_password(account.id, "wrong", network=NETWORK, session_id=SESSION, device="Here")
    by_email = [(key, NETWORK, PHONE, row) for key in (KEY, "nobody@example.com", NO_EMAIL) for row in (1, 2)]
    assert world.noted.failures == [*by_email, (KEY, NETWORK, PHONE, 0), (KEY, NETWORK, "Here", 0)]


async def test_right_password_of_another_account_than_the_one_that_is_meant_is_a_wrong_one(world: World) -> None:
    account, bob = await world.register(), await world.register("bob@example.com")
    await guess(world)
    for meant in (bob.id, "A" * len(account.id)):
        with pytest.raises(WrongCredentials):
            await world.service.authenticate(ADA, PASSWORD, network=NETWORK, device=PHONE, account_id=meant)
    assert world.tries.taken == {(KEY, NETWORK): 3}
    assert world.noted.failures == [(KEY, NETWORK, PHONE, row) for row in (1, 2, 3)]
    for meant in (account.id, ""):
        assert await world.service.authenticate(ADA, PASSWORD, network=NETWORK, account_id=meant) == account
    assert world.tries.taken == {}


async def test_right_passwords_and_refused_tries_are_not_noted(engine: AsyncEngine) -> None:
    world = open_world(engine, limit=1)
    await world.register()
    await world.sign_in()
    await guess(world)
    with pytest.raises(TooManyTries):
        await world.sign_in()
    assert len(world.noted.failures) == 1


async def test_wrong_password_for_a_change_is_noted_by_its_device_and_counted_by_its_session(world: World) -> None:
    account = await world.register()
    client = Client(NETWORK, "Firefox on Linux")
    with pytest.raises(WrongCredentials):
        await world.passwords.change(account.id, "wrong", NEW, keep=HERE, client=client)
    assert world.tries.taken == {(KEY, HERE.session_id): 1}
    assert world.noted.failures == [(KEY, NETWORK, "Firefox on Linux", 0)]


async def test_wrong_password_of_somebody_who_hangs_up_is_noted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.register()
    begun, go_on, noted = asyncio.Event(), asyncio.Event(), world.noted.failed

    async def slowly(*failure: str | int) -> None:
        begun.set()
        await go_on.wait()
        await noted(*failure)  # type: ignore[arg-type]  # As they came.

    monkeypatch.setattr(world.noted, "failed", slowly)
    guessing = asyncio.create_task(guess(world))
    await begun.wait()
    guessing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await guessing
    go_on.set()
    await settle()
    assert len(world.noted.failures) == 1


async def test_new_password_by_mail_forgets_the_row_of_failures(world: World) -> None:
    account = await confirmed(world)
    await guess(world)
    await ask(world)
    await reset(world, await world.token(account, "reset-password"))
    assert not world.tries.failed


async def test_right_password_that_came_too_often_opens_nothing_and_is_not_noted_as_a_wrong_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_often(*_: object) -> None:
        raise TooManyTries(60)

    await world.register()
    monkeypatch.setattr(world.tries, "clear", too_often)
    with pytest.raises(TooManyTries):
        await world.sign_in()
    assert world.noted.failures == []


async def test_new_password_by_mail_does_not_wait_for_a_redis_that_hangs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await confirmed(world)
    await ask(world)
    monkeypatch.setattr(world.tries, "forgive", hang)
    token = await world.token(account, "reset-password")
    async with asyncio.timeout(20):
        await reset(world, token)
    monkeypatch.undo()
    assert (await world.sign_in(password=NEW)).id == account.id


async def test_new_password_by_mail_stands_although_nobody_can_forget_failures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("Redis")

    account = await confirmed(world)
    await ask(world)
    monkeypatch.setattr(world.tries, "forgive", away)
    await reset(world, await world.token(account, "reset-password"))
    assert await world.service.find_by_email(ADA)
    monkeypatch.undo()
    assert (await world.sign_in(password=NEW)).id == account.id
