"""An account's email: proven and changed."""

import asyncio
from typing import Any

import pytest
from account_life import ELSEWHERE, change, confirmed, moved
from account_world import ADA, World, open_world
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.changes import AccountChanges
from webapp.errors import DeadLink, EmailTaken, SameEmail, TooManyTries, WrongCredentials


async def test_new_account_is_unconfirmed_until_its_link_is_used(world: World) -> None:
    account = await world.register()
    assert account.confirmed is None
    token = await world.token(account, "confirm-email")
    assert (await world.addresses.find(token)).email == ADA
    after, entries = await world.addresses.confirm(token)
    assert after.confirmed is not None
    assert [entry.kind for entry in entries] == ["account"]
    with pytest.raises(DeadLink):
        await world.addresses.confirm(token)


async def test_looking_at_a_link_confirms_nothing(world: World) -> None:
    account = await world.register()
    await world.addresses.find(await world.token(account, "confirm-email"))
    found = await world.service.find(account.id)
    assert found is not None
    assert found.confirmed is None


async def test_link_is_sent_again_until_the_email_is_confirmed_and_kills_the_older(world: World) -> None:
    account = await world.register()
    older = await world.token(account, "confirm-email")
    assert await world.addresses.resend(account.id)
    with pytest.raises(DeadLink):
        await world.addresses.find(older)
    await world.addresses.confirm(await world.token(account, "confirm-email"))
    assert not await world.addresses.resend(account.id)


async def test_sending_again_is_limited(engine: AsyncEngine) -> None:
    world = open_world(engine, mails=1)
    account = await world.register()
    await world.addresses.resend(account.id)
    with pytest.raises(TooManyTries):
        await world.addresses.resend(account.id)
    assert await world.letters(account) == ["confirm-email", "confirm-email"]


async def test_email_changes_when_the_link_in_the_new_inbox_is_used_and_not_before(world: World) -> None:
    account = await confirmed(world)
    await world.addresses.request_change(account.id, ELSEWHERE)
    assert await world.service.find(account.id) == account
    pending = await world.addresses.pending(account.id)
    assert pending is not None
    assert pending.email == ELSEWHERE
    mail = (await world.owed(account, "mail"))[-1]
    assert (mail.body["letter"], mail.body["to"]) == ("confirm-new-email", ELSEWHERE)
    assert ADA not in mail.body.values()
    after, entries = await world.addresses.confirm(await world.token(account, "confirm-new-email"))
    assert after.email == ELSEWHERE
    assert after.confirmed is not None
    assert [entry.kind for entry in entries] == ["account"]
    assert await world.addresses.pending(account.id) is None
    assert (await world.sign_in(ELSEWHERE)).id == account.id
    with pytest.raises(WrongCredentials):
        await world.sign_in(ADA)


async def test_of_two_who_race_for_one_address_one_wins_and_the_other_loses_nothing(world: World) -> None:
    racers = [await confirmed(world, email) for email in ("one@example.com", "two@example.com")]
    for account in racers:
        await world.addresses.request_change(account.id, ELSEWHERE)
    tokens = [await world.token(account, "confirm-new-email") for account in racers]
    outcomes = await asyncio.gather(*(world.addresses.confirm(token) for token in tokens), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [EmailTaken]
    emails = [found.email for account in racers if (found := await world.service.find(account.id))]
    assert sorted(emails).count(ELSEWHERE) == 1
    loser = next(account for account, outcome in zip(racers, outcomes, strict=True) if isinstance(outcome, Exception))
    assert await world.service.find(loser.id) == loser
    assert await world.addresses.pending(loser.id) is not None


async def test_change_to_an_address_that_somebody_has_tells_only_who_reads_its_mail(world: World) -> None:
    account = await confirmed(world)
    await world.register("bob@example.com")
    await world.addresses.request_change(account.id, "bob@example.com")
    with pytest.raises(EmailTaken):
        await world.addresses.confirm(await world.token(account, "confirm-new-email"))


async def test_newer_change_kills_the_older_and_cancelling_kills_both(world: World) -> None:
    account = await confirmed(world)
    await world.addresses.request_change(account.id, "one@elsewhere.example")
    older = await world.token(account, "confirm-new-email")
    await world.addresses.request_change(account.id, "two@elsewhere.example")
    newer = await world.token(account, "confirm-new-email")
    with pytest.raises(DeadLink):
        await world.addresses.confirm(older)
    await world.addresses.cancel_change(account.id)
    with pytest.raises(DeadLink):
        await world.addresses.confirm(newer)


async def test_change_to_the_email_one_has_is_refused_and_to_another_spelling_is_not(world: World) -> None:
    account = await confirmed(world)
    with pytest.raises(SameEmail):
        await world.addresses.request_change(account.id, ADA)
    assert (await moved(world, account, ADA.lower())).email == ADA.lower()


async def test_changes_to_one_address_are_limited(engine: AsyncEngine) -> None:
    world = open_world(engine, mails=1)
    account = await world.register()
    await world.addresses.request_change(account.id, ELSEWHERE)
    with pytest.raises(TooManyTries):
        await world.addresses.request_change(account.id, ELSEWHERE.upper())


@pytest.mark.parametrize("email", ["", "no email", "a@b@c", "ada@example.com\r\nBcc: eve@example.com"])
async def test_what_is_no_email_is_refused_with_a_sentence(world: World, email: str) -> None:
    account = await world.register()
    with pytest.raises(ValueError, match=r"\w"):
        await world.addresses.request_change(account.id, email)
    assert await world.letters(account) == ["confirm-email"]


async def test_links_of_one_purpose_do_not_serve_another(world: World) -> None:
    account = await confirmed(world)
    await world.addresses.request_change(account.id, ELSEWHERE)
    change = await world.token(account, "confirm-new-email")
    with pytest.raises(DeadLink):
        await world.addresses.find_restore(change)
    with pytest.raises(DeadLink):
        await world.passwords.find_reset(change)
    await world.addresses.confirm(change)
    with pytest.raises(DeadLink):
        await world.addresses.find(await world.token(account, "email-changed"))


async def test_site_without_mail_writes_no_links_and_no_mails(engine: AsyncEngine) -> None:
    world = open_world(engine, sent=False)
    account = await world.register()
    assert await world.service.links_of(account.id) == []
    assert await world.outbox.about(account.id) == []


async def test_change_that_was_asked_for_before_the_password_was_changed_is_not_written_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await confirmed(world)
    take = world.mails.take

    async def change_meanwhile(purpose: str, subject: str) -> None:
        await take(purpose, subject)
        if purpose == "change":
            await change(world, account)

    monkeypatch.setattr(world.mails, "take", change_meanwhile)
    await world.addresses.request_change(account.id, "thief@elsewhere.example")
    assert await world.addresses.pending(account.id) is None


async def test_two_who_take_each_others_address_at_once_are_told_that_it_is_taken(
    world: World, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = [await confirmed(world, email) for email in ("one@example.com", "two@example.com")]
    for account, other in zip(pair, reversed(pair), strict=True):
        await world.addresses.request_change(account.id, other.email)
    tokens = [await world.token(account, "confirm-new-email") for account in pair]
    if engine.dialect.name == "postgresql":
        # Each has its own row and wants the other's address: a deadlock, which is no outage.
        _meet_after_locking(monkeypatch)
    outcomes = await asyncio.gather(*(world.addresses.confirm(token) for token in tokens), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {EmailTaken}


def _meet_after_locking(monkeypatch: pytest.MonkeyPatch) -> None:
    begin, both = AccountChanges._begin, asyncio.Barrier(2)

    async def begin_together(changes: AccountChanges, *arguments: Any) -> bool:
        begun = await begin(changes, *arguments)
        await both.wait()
        return begun

    monkeypatch.setattr(AccountChanges, "_begin", begin_together)
