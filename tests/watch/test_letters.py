"""What owners are written about their sessions and about tries to get in, and how often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from account_life import confirmed
from account_world import MailCount, World, open_world
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.model import Account
from webapp.accounts.owed import LettersOwed
from webapp.accounts.tools import Mails
from webapp.errors import StoreUnavailable
from webapp.history import Event, Origin
from webapp.watch.letters import WatchLetters

AT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
ORIGIN = Origin("s" * 22, "phone:Safari on iPhone", "203.0.113.7", "Berlin, Germany")
SEEN = {"at": str(int(AT.timestamp())), "device": "Safari on iPhone", "place": "Berlin, Germany"}


class NoCount(MailCount):
    """A Redis that does not answer."""

    async def take(self, purpose: str, email_key: str) -> None:
        self.taken[purpose, email_key] += 1
        raise StoreUnavailable("Redis")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Use one database: nothing here depends on its kind."""
    return sqlite_url


@pytest.fixture
def world(engine: AsyncEngine) -> World:
    return open_world(engine)


@pytest.fixture
async def ada(world: World) -> Account:
    return await confirmed(world)


@pytest.fixture
async def stranger(world: World) -> Account:
    """Somebody has named an address that may be another's."""
    return await world.register("bob@example.com")


def letters_of(world: World, *, limit: int = 1000, sent: bool = True, count: MailCount | None = None) -> WatchLetters:
    return WatchLetters(world.store, Mails(world.links, LettersOwed(sent=sent), count or MailCount(limit)))


def ended(account: Account, reason: str) -> Event:
    return Event("ended", account.id, AT, ORIGIN, {"reason": reason})


def proven(account: Account) -> Account:
    return replace(account, confirmed=AT)


async def test_sign_in_on_a_new_browser_is_told_with_device_place_time_and_one_link(world: World, ada: Account) -> None:
    letters = letters_of(world)
    link = letters.new_link()
    (entry,) = letters.signed_in(ada, Event("signed-in", ada.id, AT, ORIGIN), link)
    assert entry.kind == "mail"
    assert entry.account_id == ada.id
    opening = {"seed": link.seed, "hash": link.token_hash, "expires": str(int(link.until.timestamp()))}
    assert entry.body == {"letter": "new-sign-in", "to": ada.email, "name": ada.name, **SEEN, **opening}
    assert world.links.token_of(link.seed, link.token_hash)


def test_link_works_for_7_days(world: World) -> None:
    until = letters_of(world).new_link().until
    assert timedelta(days=7, seconds=-5) < until - datetime.now(UTC) <= timedelta(days=7)


async def test_no_letter_tells_an_address(world: World, ada: Account) -> None:
    """A mail outlives what the history keeps of it."""
    letters = letters_of(world)
    happened = Event("signed-in", ada.id, AT, ORIGIN)
    told = [*letters.signed_in(ada, happened, letters.new_link()), *await letters.ended(ada, ended(ada, "two-places"))]
    assert len(told) == 2
    assert "203.0.113.7" not in str(told)


async def test_session_that_was_used_in_two_places_is_told(world: World, ada: Account) -> None:
    (entry,) = await letters_of(world).ended(ada, ended(ada, "two-places"))
    assert entry.body == {"letter": "used-in-two-places", "to": ada.email, "name": ada.name, **SEEN}


@pytest.mark.parametrize("reason", ["signed-out", "elsewhere", "limit", "idle", "age", "not-me", "password"])
async def test_other_ends_are_no_mail(world: World, ada: Account, reason: str) -> None:
    assert await letters_of(world).ended(ada, ended(ada, reason)) == []


async def test_owner_has_enough_of_it_one_day(world: World, ada: Account) -> None:
    letters = letters_of(world, limit=2)
    told = [await letters.ended(ada, ended(ada, "two-places")) for _ in range(3)]
    assert [len(each) for each in told] == [1, 1, 0]
    assert [await letters.may_ask(ada) for _ in range(3)] == [True, True, False]


async def test_notices_of_other_things_leave_what_tells_of_a_thief_to_be_told(world: World, ada: Account) -> None:
    """Whoever is in can cause as many notices as there are."""
    count = MailCount(1)
    letters, key = letters_of(world, count=count), ada.email.lower()
    await count.take("notice", key)
    assert await letters.may_ask(ada)
    assert len(await letters.ended(ada, ended(ada, "two-places"))) == 1


async def test_address_that_nobody_has_proven_gets_few_of_all_notices_together(world: World, stranger: Account) -> None:
    letters = letters_of(world, limit=1)
    assert await letters.may_ask(stranger)
    assert await letters.ended(stranger, ended(stranger, "two-places")) == []


async def test_session_used_in_two_places_is_told_where_nobody_can_count(world: World, ada: Account) -> None:
    letters = letters_of(world, count=NoCount())
    assert await letters.may_ask(ada)
    assert len(await letters.ended(ada, ended(ada, "two-places"))) == 1


def test_many_failed_tries_are_told_with_their_number(world: World, ada: Account) -> None:
    (entry,) = letters_of(world).many_tries(proven(ada), 12)
    assert (entry.body["letter"], entry.body["tries"]) == ("many-failed-tries", "12")


def test_limit_of_the_account_is_told_with_how_long_it_lasts(world: World, ada: Account) -> None:
    (entry,) = letters_of(world).limit_reached(proven(ada), AT)
    told = {name: entry.body[name] for name in ("letter", "at", "tries", "pause")}
    assert told == {"letter": "tries-limit-reached", "at": SEEN["at"], "tries": "100", "pause": "30 days"}


def test_nobody_is_told_of_failed_tries_at_an_address_that_nobody_has_proven(world: World, stranger: Account) -> None:
    letters = letters_of(world)
    assert letters.many_tries(stranger, 12) == letters.limit_reached(stranger, AT) == []


async def test_site_that_sends_no_mail_makes_none_and_counts_none(world: World, ada: Account) -> None:
    count = MailCount()
    letters = letters_of(world, sent=False, count=count)
    assert not await letters.may_ask(ada)
    assert letters.signed_in(ada, Event("signed-in", ada.id, AT, ORIGIN), letters.new_link()) == []
    assert await letters.ended(ada, ended(ada, "two-places")) == []
    assert letters.many_tries(proven(ada), 12) == []
    assert letters.limit_reached(proven(ada), AT) == []
    assert not count.taken


async def test_account_that_is_gone_is_not_told(world: World, ada: Account) -> None:
    assert not await letters_of(world).may_ask(replace(ada, id="g" * 22))
