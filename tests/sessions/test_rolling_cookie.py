"""The cookie of a remembered session is sent anew with each slide; no answer puts an older secret over a newer one."""

from session_holders import GRACE, PERIOD
from session_world import ADDRESS, DAY, MINUTE, World

from webapp.sessions.model import AccountSnapshot


async def test_cookie_of_a_remembered_session_is_sent_anew_only_while_no_other_is_under_way(
    world: World, ada: AccountSnapshot
):
    started = await world.sign_in(ada, remember=True)
    for _ in range(3):
        await world.age(started.token, MINUTE)
        resumed = await world.service.resume(started.token, address=ADDRESS)
        assert resumed is not None
        assert resumed.cookie == started.token
    await world.age(started.token, PERIOD)
    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie not in {None, started.token}

    # Two are under way, then one beside the one that was shown.
    await world.age(started.token, MINUTE)
    second = await world.service.resume(started.token, address=ADDRESS)
    assert second is not None
    await world.age(started.token, MINUTE)
    third = await world.service.resume(started.token, address=ADDRESS)
    assert third is not None
    assert third.moved
    assert third.cookie is None
    await world.age(started.token, MINUTE)
    shown = await world.service.resume(second.cookie or "", address=ADDRESS)
    assert shown is not None
    assert shown.moved
    assert shown.cookie is None
    # A minute later none is.
    await world.age(started.token, MINUTE)
    settled = await world.service.resume(second.cookie or "", address=ADDRESS)
    assert settled is not None
    assert settled.cookie == second.cookie


async def test_new_secret_of_a_remembered_session_lasts_as_long_as_the_session(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada, remember=True)
    await world.age(started.token, DAY)
    offer = await world.service.resume(started.token, address=ADDRESS)
    assert offer is not None
    assert offer.session.ends == offer.now + 30 * DAY

    await world.age(started.token, MINUTE)
    shown = await world.service.resume(offer.cookie or "", address=ADDRESS)

    assert shown is not None
    assert shown.moved
    assert shown.cookie == offer.cookie


async def test_cookie_as_it_is_goes_out_for_the_last_time_a_minute_before_a_new_one(world: World, ada: AccountSnapshot):
    """Where "last seen" is exacter than that: an answer that comes late must not bring the old one back."""
    busy = world.touching(5)
    started = await busy.sign_in(ada, remember=True)
    sent = []

    for second in range(5, PERIOD + 30, 5):
        await world.age(started.token, 5)
        resumed = await busy.service.resume(started.token, address=ADDRESS)
        assert resumed is not None
        # Some seconds pass by themselves, more of them on a busy machine.
        sent.append((second + resumed.now - started.now, resumed.cookie))

    new = min(second for second, cookie in sent if cookie not in {None, started.token})
    assert PERIOD <= new <= PERIOD + 10
    assert max(second for second, cookie in sent if cookie == started.token) <= new - GRACE
