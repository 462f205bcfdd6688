from session_fields import account_key
from session_world import CAUSE, DAY, HOUR, World

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import new_public_id


async def test_list_shows_each_living_session_once_the_last_seen_first(world: World, ada: AccountSnapshot):
    oldest, remembered, newest = (
        await world.sign_in(ada),
        await world.sign_in(ada, remember=True),
        await world.sign_in(ada),
    )
    await world.age(oldest.token, 120)
    await world.age(remembered.token, 60)

    listing = await world.service.list(ada.id)

    assert [session.id for session in listing.sessions] == [newest.session.id, remembered.session.id, oldest.session.id]
    assert [session.remembered for session in listing.sessions] == [False, True, False]
    assert listing.now >= newest.now
    assert all(session.account_id == ada.id for session in listing.sessions)


async def test_list_of_nobody_is_empty(world: World):
    listing = await world.service.list(new_public_id())

    assert listing.sessions == ()
    assert await world.keys() == set()


async def test_remembered_session_is_listed_after_the_plain_ones_are_over(world: World, ada: AccountSnapshot):
    plain, remembered = await world.sign_in(ada), await world.sign_in(ada, remember=True)
    for started in (plain, remembered):
        await world.age(started.token, 2 * DAY)

    assert await world.listed(ada) == [remembered.session.id]
    assert await world.service.end(ada.id, remembered.session.id, cause=CAUSE)
    assert not await world.resumes(remembered.token)


async def test_dead_sessions_go_when_the_list_is_looked_at(world: World, ada: AccountSnapshot):
    dead, living = await world.sign_in(ada), await world.sign_in(ada)
    await world.age(dead.token, HOUR)

    assert await world.listed(ada) == [living.session.id]
    assert await world.ids() == {living.session.id}
    assert await world.written(dead.token) == {}


async def test_ended_session_is_out_at_once_and_alone(world: World, ada: AccountSnapshot):
    gone, stays = await world.sign_in(ada), await world.sign_in(ada)

    assert await world.service.end(ada.id, gone.session.id, cause=CAUSE)

    assert not await world.resumes(gone.token)
    assert await world.resumes(stays.token)
    assert await world.listed(ada) == [stays.session.id]


async def test_ending_twice_is_told_honestly(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    assert await world.service.end(ada.id, started.session.id, cause=CAUSE)
    assert not await world.service.end(ada.id, started.session.id, cause=CAUSE)


async def test_ending_what_is_over_is_no_success(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, HOUR)

    assert not await world.service.end(ada.id, started.session.id, cause=CAUSE)
    assert await world.keys() == set()


async def test_session_of_somebody_else_cannot_be_ended_or_changed(world: World, ada: AccountSnapshot):
    grace = world.person("Grace Hopper")
    hers = await world.sign_in(grace)
    await world.sign_in(ada)
    before = await world.everything()

    assert not await world.service.end(ada.id, hers.session.id, cause=CAUSE)
    assert not await world.service.rename(ada.id, hers.session.id, "mine")
    assert not await world.service.confirm(ada.id, hers.session.id)
    assert len(await world.service.end_others(ada.id, keep=hers.session.id, cause=CAUSE)) == 1
    assert await world.resumes(hers.token)
    assert (await world.everything()).items() <= before.items()


async def test_id_that_is_no_id_is_nobody(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    before = await world.everything()

    for session_id in ("", ".", "\0", "\ud800", f"}}:{started.session.id}", "x" * 100_000, started.session.id + "\n"):
        assert not await world.service.end(ada.id, session_id, cause=CAUSE)
        assert not await world.service.rename(ada.id, session_id, "a name")
        assert not await world.service.confirm(ada.id, session_id)

    assert await world.everything() == before


async def test_ending_the_others_keeps_this_one(world: World, ada: AccountSnapshot):
    here = await world.sign_in(ada)
    others = [await world.sign_in(ada, remember=remember) for remember in (False, True, True)]
    await world.age(others[0].token, HOUR)

    # One of the three was over already: it is not counted.
    assert len(await world.service.end_others(ada.id, keep=here.session.id, cause=CAUSE)) == 2

    assert await world.listed(ada) == [here.session.id]
    assert await world.resumes(here.token)
    assert not any([await world.resumes(other.token) for other in others])
    assert len(await world.service.end_others(ada.id, keep=here.session.id, cause=CAUSE)) == 0


async def test_ending_all_leaves_nothing_of_the_person(world: World, ada: AccountSnapshot):
    started = [await world.sign_in(ada) for _ in range(4)]

    assert len(await world.service.end_all(ada.id, cause=CAUSE)) == 4

    assert await world.keys() == set()
    assert not any([await world.resumes(one.token) for one in started])
    assert len(await world.service.end_all(ada.id, cause=CAUSE)) == 0


async def test_ending_what_began_before_a_moment_leaves_what_began_since(world: World, ada: AccountSnapshot):
    here, old, older, new = [await world.sign_in(ada) for _ in range(4)]
    for started, seconds in ((here, 90), (old, 31), (older, 60)):
        await world.age(started.token, seconds)
    before = new.now - 30

    assert len(await world.service.end_before(ada.id, keep=here.session.id, before=before, cause=CAUSE)) == 2

    assert set(await world.listed(ada)) == {here.session.id, new.session.id}
    assert await world.resumes(here.token)
    assert not any([await world.resumes(started.token) for started in (old, older)])
    # However often, and however late.
    assert len(await world.service.end_before(ada.id, keep=here.session.id, before=before, cause=CAUSE)) == 0
    assert len(await world.service.end_before(ada.id, keep="", before=before, cause=CAUSE)) == 1
    assert await world.listed(ada) == [new.session.id]


async def test_session_that_began_in_the_second_of_the_moment_stays(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    assert len(await world.service.end_before(ada.id, keep="", before=started.session.created, cause=CAUSE)) == 0
    assert await world.resumes(started.token)
    assert len(await world.service.end_before(ada.id, keep="", before=started.session.created + 1, cause=CAUSE)) == 1
    assert await world.keys() == set()


async def test_no_moment_is_no_bound(world: World, ada: AccountSnapshot):
    here, _ = [await world.sign_in(ada) for _ in range(2)]

    assert len(await world.service.end_before(ada.id, keep=here.session.id, before=0, cause=CAUSE)) == 1
    assert len(await world.service.end_before(ada.id, keep="", before=0, cause=CAUSE)) == 1
    assert await world.keys() == set()


async def test_key_lasts_no_longer_than_what_is_left(world: World, ada: AccountSnapshot):
    plain, remembered = await world.sign_in(ada), await world.sign_in(ada, remember=True)

    await world.service.end(ada.id, remembered.session.id, cause=CAUSE)

    # What is left of the other is told for two days longer than that one would have lasted.
    assert await world.ends_at(account_key(ada.id)) == remembered.session.ends + 2 * DAY
    await world.service.forget_endings(ada.id, [remembered.session.id])
    assert await world.ends_at(account_key(ada.id)) == plain.session.ends


async def test_last_session_takes_the_snapshot_with_it(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    await world.service.end(ada.id, started.session.id, cause=CAUSE)

    assert await world.keys() == set()


async def test_all_sessions_of_a_browser_are_ended_by_one_of_them_and_no_others(world: World, ada: AccountSnapshot):
    browser, other = "b" * 11, "B" * 11
    theirs = [await world.sign_in(ada, browser=browser + each * 32) for each in "123"]
    stay = [await world.sign_in(ada, browser=other), await world.sign_in(ada)]
    named = theirs[0].session.id
    assert await world.service.end(ada.id, named, CAUSE)

    # The one that is named is over, and the others are not.
    ended = await world.service.end_browser(ada.id, browser + "x" * 32, named, CAUSE)

    assert set(ended) == {one.session.id for one in theirs[1:]}
    assert {one.id for one in (await world.service.list(ada.id)).sessions} == {one.session.id for one in stay}
    assert await world.service.end_browser(ada.id, browser, named, CAUSE) == ()


async def test_session_that_is_to_stay_is_not_ended_with_its_browser(world: World, ada: AccountSnapshot):
    browser = "b" * 11
    here, other = [(await world.sign_in(ada, browser=browser)).session.id for _ in range(2)]
    assert await world.service.end_browser(ada.id, browser, other, CAUSE, keep=here) == (other,)
    assert await world.service.end_browser(ada.id, browser, here, CAUSE, keep=here) == ()
    assert [one.id for one in (await world.service.list(ada.id)).sessions] == [here]


async def test_session_without_a_browser_is_ended_alone(world: World, ada: AccountSnapshot):
    shared = [await world.sign_in(ada) for _ in range(2)]
    named, stays = (one.session.id for one in shared)
    assert await world.service.end_browser(ada.id, "", named, CAUSE) == (named,)
    assert await world.service.end_browser(ada.id, "", "no id", CAUSE) == ()
    assert [one.id for one in (await world.service.list(ada.id)).sessions] == [stays]


async def test_sessions_that_are_unused_for_long_are_ended_and_the_others_stay(world: World, ada: AccountSnapshot):
    here, old, older, fresh = [await world.sign_in(ada, remember=True) for _ in range(4)]
    for started, days in ((here, 25), (old, 21), (older, 29), (fresh, 19)):
        await world.age(started.token, days * DAY)

    ended = await world.service.end_unused(ada.id, keep=here.session.id, seconds=20 * DAY, cause=CAUSE)

    assert set(ended) == {old.session.id, older.session.id}
    assert set(await world.listed(ada)) == {here.session.id, fresh.session.id}
    assert await world.service.end_unused(ada.id, keep=here.session.id, seconds=20 * DAY, cause=CAUSE) == ()
