"""Whom a word reaches, and how many pages there may be."""

import pytest
from streams.open_pages import OpenPages

from webapp.streams.hub import LOOKS_A_SECOND, MOST_LISTS_OF_AN_ACCOUNT, MOST_OF_A_SESSION, Hub
from webapp.streams.model import Closed, Here, Listed


class Followed:
    """Notes which accounts are followed."""

    def __init__(self) -> None:
        self.accounts: list[str] = []

    def follow(self, account_id: str) -> None:
        """Take one more."""
        self.accounts.append(account_id)

    def leave(self, account_id: str) -> None:
        """Take it away again."""
        self.accounts.remove(account_id)


async def test_a_word_about_one_session_reaches_nobody_else(pages: OpenPages) -> None:
    sessions = {key: pages.session() for key in ("laptop", "phone", "list", "bob")}
    await pages.open(sessions["laptop"], session="laptop")
    await pages.open(sessions["phone"], session="phone")
    await pages.open(sessions["list"], session="tablet", lists=True)
    await pages.open(sessions["bob"], account="bob", session="laptop", lists=True)
    pages.hub.hear("ada", ["laptop"], listed=False)
    await pages.clock.settle()
    assert {key: session.looks for key, session in sessions.items()} == {"laptop": 2, "phone": 1, "list": 1, "bob": 1}
    pages.hub.hear("ada", ["laptop"], listed=True)
    await pages.clock.move(1)
    assert {key: session.looks for key, session in sessions.items()} == {"laptop": 3, "phone": 1, "list": 2, "bob": 1}


async def test_all_pages_of_a_session_hear_of_it(pages: OpenPages) -> None:
    session = pages.session()
    opened = [await pages.open(session) for _ in range(3)]
    session.is_now(state="ended")
    pages.hub.hear("ada", ["laptop"], listed=True)
    await pages.clock.settle()
    assert [page.told for page in opened] == [[Here(), Closed("ended")]] * 3


async def test_the_oldest_page_of_too_many_is_closed(pages: OpenPages) -> None:
    session = pages.session()
    opened = [await pages.open(session) for _ in range(MOST_OF_A_SESSION + 2)]
    others = await pages.open(session, session="phone")
    assert [page.has_ended for page in opened] == [True, True, *[False] * MOST_OF_A_SESSION]
    assert opened[0].told == [Here(), Closed("crowded")]
    assert not others.has_ended


async def test_it_is_full_with_as_many_as_it_may_hold(pages: OpenPages) -> None:
    pages.hub = Hub(most=2)
    first = await pages.open(pages.session())
    room = [pages.hub.is_full]
    await pages.open(pages.session(), account="bob")
    room.append(pages.hub.is_full)
    await first.leave()
    room.append(pages.hub.is_full)
    assert room == [False, True, False]
    assert len(pages.hub) == 1


async def test_an_account_is_followed_while_it_has_a_page(pages: OpenPages) -> None:
    pages.hub.following = followed = Followed()
    first = await pages.open(pages.session())
    second = await pages.open(pages.session(), session="phone")
    assert followed.accounts == ["ada"]
    await first.leave()
    assert followed.accounts == ["ada"]
    await second.leave()
    assert followed.accounts == []


async def test_nobody_is_left_behind(pages: OpenPages) -> None:
    page = await pages.open(pages.session())
    await page.leave()
    pages.hub.hear("ada", ["laptop"], listed=True)
    pages.hub.look_again("ada")
    pages.hub.look_again()
    assert len(pages.hub) == 0


async def test_one_account_alone_is_looked_at_again(pages: OpenPages) -> None:
    ada, bob = pages.session(), pages.session()
    await pages.open(ada)
    await pages.open(bob, account="bob")
    pages.hub.look_again("ada")
    await pages.clock.move(1)
    assert (ada.looks, bob.looks) == (2, 1)


@pytest.mark.parametrize("at_once", [True, False])
async def test_many_are_not_looked_at_all_at_once(pages: OpenPages, *, at_once: bool) -> None:
    pages.hub = Hub(most=2 * LOOKS_A_SECOND)
    sessions = [pages.session() for _ in range(2 * LOOKS_A_SECOND)]
    for number, session in enumerate(sessions):
        await pages.open(session, account=str(number))
    for account in [None] if at_once else map(str, range(len(sessions))):
        pages.hub.look_again(account)
    await pages.clock.move(1)
    soon = sum(session.looks == 2 for session in sessions)
    assert LOOKS_A_SECOND / 2 < soon < 2 * LOOKS_A_SECOND * 3 / 4
    await pages.clock.move(2)
    assert all(session.looks == 2 for session in sessions)


async def test_few_pages_of_an_account_are_told_its_list(pages: OpenPages) -> None:
    opened = [
        await pages.open(pages.session(), session=str(number), lists=True)
        for number in range(MOST_LISTS_OF_AN_ACCOUNT + 1)
    ]
    bobs = await pages.open(pages.session(), account="bob", lists=True)
    assert [page.told for page in opened] == [[Here(), Listed()]] * MOST_LISTS_OF_AN_ACCOUNT + [[Here()]]
    assert bobs.told == [Here(), Listed()]
