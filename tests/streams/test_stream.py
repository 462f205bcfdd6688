"""What one page is told, and when its session is looked at."""

from streams.open_pages import OpenPages

from webapp.streams.model import NOTICE, Closed, Ending, Here, Listed, Staying, notice_before


async def test_a_living_session_is_told(pages: OpenPages) -> None:
    page = await pages.open(pages.session())
    assert page.told == [Here()]


async def test_a_page_that_is_told_nothing_asks_for_nothing(pages: OpenPages) -> None:
    session = pages.session()
    await pages.open(session)
    await pages.clock.move(200)
    assert session.looks == 1


async def test_a_session_is_looked_at_every_few_minutes_all_the_same(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session)
    session.is_now(state="ended")
    await pages.clock.move(361)
    assert page.told == [Here(), Closed("ended")]
    assert page.has_ended


async def test_an_end_closes_the_page(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session)
    session.is_now(state="ended")
    pages.hub.hear("ada", ["laptop"], listed=True)
    await pages.clock.settle()
    assert page.told == [Here(), Closed("ended")]
    assert page.has_ended


async def test_one_that_is_gone_by_itself_is_told_apart(pages: OpenPages) -> None:
    session = pages.session()
    session.is_now(state="over")
    page = await pages.open(session)
    assert page.told == [Closed("expired")]
    assert page.has_ended


async def test_a_browser_with_another_cookie_by_now_is_left_to_come_back(pages: OpenPages) -> None:
    for state in ("replaced", "unheld"):
        session = pages.session()
        page = await pages.open(session)
        session.is_now(state=state)
        pages.hub.hear("ada", ["laptop"], listed=False)
        await pages.clock.settle()
        assert page.told == [Here()]
        assert page.has_ended


async def test_a_word_that_is_not_true_changes_nothing(pages: OpenPages) -> None:
    page = await pages.open(pages.session())
    pages.hub.hear("ada", ["laptop"], listed=True)
    await pages.clock.settle()
    assert page.told == [Here()]
    assert not page.has_ended


async def test_a_word_during_a_look_is_followed_by_another_look(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session)

    def end_it() -> None:
        session.meanwhile = lambda: None
        session.is_now(state="ended")
        pages.hub.hear("ada", ["laptop"], listed=True)

    session.meanwhile = end_it
    pages.hub.hear("ada", ["laptop"], listed=False)
    await pages.clock.settle()
    assert page.told == [Here(), Closed("ended")]


async def test_a_redis_that_is_away_is_asked_again_and_nothing_is_told(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session)
    session.away = True
    pages.hub.hear("ada", ["laptop"], listed=True)
    await pages.clock.move(60)
    assert page.told == [Here()]
    session.away = False
    session.is_now(state="ended")
    await pages.clock.move(19)
    assert page.told == [Closed("ended")]


async def test_a_subscription_that_is_back_has_every_session_looked_at(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session)
    session.is_now(state="ended")
    pages.hub.look_again()
    await pages.clock.move(1)
    assert page.told == [Here(), Closed("ended")]


async def test_a_list_is_told_of_after_the_session_was_looked_at(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session, lists=True)
    assert page.told == [Here(), Listed()]
    await pages.clock.move(1)
    pages.hub.hear("ada", ["phone"], listed=True)
    await pages.clock.settle()
    assert page.told == [Listed()]
    session.is_now(state="unheld")
    pages.hub.hear("ada", ["phone"], listed=True)
    await pages.clock.move(1)
    assert page.told == []
    assert page.has_ended


async def test_a_list_is_told_of_once_a_second_however_often_it_changes(pages: OpenPages) -> None:
    page = await pages.open(pages.session(), lists=True)
    for _ in range(5):
        # It has to look at once for the second reason, and makes no list for that.
        pages.hub.hear("ada", ["phone", "laptop"], listed=True)
        await pages.clock.settle()
    assert page.told == [Here(), Listed()]
    await pages.clock.move(1)
    assert page.told == [Listed()]
    await pages.clock.move(5)
    assert page.told == []


async def test_a_list_that_is_due_is_not_forgotten_while_redis_is_away(pages: OpenPages) -> None:
    session = pages.session()
    page = await pages.open(session, lists=True)
    session.away = True
    pages.hub.hear("ada", ["phone"], listed=True)
    await pages.clock.settle()
    session.away = False
    await pages.clock.move(19)
    assert page.told == [Here(), Listed(), Listed()]


async def test_a_near_end_is_told_two_minutes_before(pages: OpenPages) -> None:
    session = pages.session(idle=3600)
    page = await pages.open(session)
    await pages.clock.move(3479)
    assert page.told == [Here()]
    await pages.clock.move(2)
    (told,) = page.told
    assert isinstance(told, Ending)
    assert told.sight.ends == session.sight.ends


async def test_one_that_may_pause_for_a_minute_is_told_half_a_minute_before(pages: OpenPages) -> None:
    session = pages.session(idle=60)
    page = await pages.open(session)
    await pages.clock.move(29)
    assert page.told == [Here()]
    await pages.clock.move(2)
    (told,) = page.told
    assert isinstance(told, Ending)


async def test_a_near_end_is_told_once(pages: OpenPages) -> None:
    session = pages.session(idle=100)
    page = await pages.open(session)
    await pages.clock.move(51)
    assert len(page.told) == len([Here(), "Ending"])
    pages.hub.hear("ada", ["laptop"], listed=False)
    await pages.clock.move(30)
    assert page.told == []


async def test_one_that_was_used_after_all_stays(pages: OpenPages) -> None:
    session = pages.session(idle=100)
    page = await pages.open(session)
    await pages.clock.move(60)
    assert page.told
    session.ends_in(100)
    pages.hub.hear("ada", ["laptop"], listed=False)
    await pages.clock.settle()
    assert page.told == [Staying()]
    await pages.clock.move(51)
    assert isinstance(page.told[0], Ending)


async def test_a_session_that_was_used_meanwhile_is_not_said_to_end(pages: OpenPages) -> None:
    session = pages.session(idle=100)
    page = await pages.open(session)
    await pages.clock.move(40)
    # Nobody tells of a touch that came in good time.
    session.ends_in(100)
    await pages.clock.move(30)
    assert page.told == [Here()]


async def test_the_end_by_itself_is_told_when_it_has_come(pages: OpenPages) -> None:
    session = pages.session(idle=100)
    page = await pages.open(session)
    await pages.clock.move(99)
    assert not page.has_ended
    session.is_now(state="over")
    await pages.clock.move(3)
    assert page.told[-1] == Closed("expired")


def test_notice_is_given_when_using_the_session_moves_its_end() -> None:
    assert notice_before(3600, 60) == NOTICE
    assert notice_before(60, 1) == 30
    assert notice_before(90, 60) == 30
