"""Renewal beside all else: a Redis that fails or is full, another version, a changed password; what stands in Redis."""

import pytest
from redis_forms import Deployment, full
from session_holders import GRACE, PERIOD, Holder, hash_of, offered, promoted
from session_world import ADDRESS, MINUTE, World, key_of

from webapp.errors import StoreUnavailable
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.store import SessionStore


async def test_redis_that_fails_while_a_new_secret_is_due_keeps_nobody_out(
    world: World, ada: AccountSnapshot, monkeypatch: pytest.MonkeyPatch
):
    started = await world.sign_in(ada)
    await world.age(started.token, PERIOD)

    async def fail(*_: object, **__: object) -> bool:
        raise StoreUnavailable("Redis")

    with monkeypatch.context() as patch:
        patch.setattr(SessionStore, "offer", fail)
        resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is None

    await world.age(started.token, MINUTE)
    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is not None
    with monkeypatch.context() as patch:
        patch.setattr(SessionStore, "promote", fail)
        assert await world.resumes(resumed.cookie)
    assert (await world.written(started.token))["hash"] == hash_of(started.token)
    assert await world.resumes(resumed.cookie)
    assert (await world.written(started.token))["hash"] == hash_of(resumed.cookie)


async def test_full_redis_renews_secrets_all_the_same(world: World, deployment: Deployment, ada: AccountSnapshot):
    started, lost = await offered(world, ada)
    browser = Holder(world, started.token)
    await world.age(started.token, MINUTE)

    with full(deployment):
        # It is handed one, and shows it.
        assert await browser.visits()
        assert await browser.visits()

    assert browser.token not in {started.token, lost}
    assert (await world.written(started.token))["hash"] == hash_of(browser.token)


async def test_session_of_before_is_renewed_ten_minutes_after_its_first_page_here(world: World, ada: AccountSnapshot):
    """By then no process is left that knows one secret alone."""
    started = await world.sign_in(ada)
    await world.write(started.token, renewed=None)
    await world.age(started.token, 40 * MINUTE)

    cookies = []
    for _ in range(11):
        resumed = await world.service.resume(started.token, address=ADDRESS)
        assert resumed is not None
        cookies.append(resumed.cookie)
        await world.age(started.token, MINUTE)

    assert cookies[:10] == [None] * 10
    assert cookies[10] is not None


async def test_changed_password_makes_every_other_secret_worthless_without_alarm(world: World, ada: AccountSnapshot):
    started, one = await promoted(world, ada)
    await world.age(started.token, PERIOD)
    resumed = await world.service.resume(one, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is not None

    renewed = await world.service.renew(one)

    assert renewed is not None
    for token in (started.token, one, resumed.cookie):
        assert not await world.resumes(token)
    assert await world.resumes(renewed.token)
    assert not {"next", "next_before", "old", "older", "until", "spent", "asked"} & set(
        await world.written(renewed.token)
    )


@pytest.mark.parametrize("shown", ["old", "candidate"])
async def test_password_can_be_changed_with_every_secret_that_is_good(world: World, ada: AccountSnapshot, shown: str):
    started, new = await (promoted if shown == "old" else offered)(world, ada)

    renewed = await world.service.renew(started.token if shown == "old" else new)

    assert renewed is not None
    assert await world.resumes(renewed.token)
    assert not await world.resumes(new)


async def test_record_stays_in_the_compact_form_and_loses_what_is_of_no_use(world: World, ada: AccountSnapshot):
    browser = Holder(world, (await world.sign_in(ada, address="2001:0db8:0000:0000:0000:ff00:0042:8329")).token)
    await world.service.rename(ada.id, (await world.listed(ada))[0], "ä" * 32)
    for _ in range(12):
        await world.age(browser.token, PERIOD)
        assert await browser.visits()
        await world.age(browser.token, MINUTE)
        assert await browser.visits()

    written = await world.written(browser.token)
    assert max(len(value.encode()) for value in written.values()) <= 64
    assert len(written["spent"]) == 60
    assert await world.redis.object("ENCODING", key_of(browser.token)) in {"listpack", "ziplist"}
    await world.age(browser.token, GRACE)
    assert await browser.visits()
    assert not {"next", "next_before", "old", "older", "until", "asked"} & set(await world.written(browser.token))


async def test_secrets_that_were_renewed_stand_nowhere_in_redis_and_in_no_words(world: World, ada: AccountSnapshot):
    started, new = await promoted(world, ada)
    await world.age(started.token, PERIOD)
    resumed = await world.service.resume(new, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is not None

    everything = repr(await world.everything())
    for token in (started.token, new, resumed.cookie):
        assert token.rpartition(".")[2] not in everything
        assert token not in repr(resumed)
