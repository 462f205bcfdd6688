"""What a call costs Redis, seen by Redis itself; and what stands in it afterwards."""

from collections.abc import Awaitable

import pytest
from redis_deployments import SentinelRedis
from redis_forms import Deployment
from redis_watch import commands_of
from session_world import ADDRESS, CAUSE, MINUTE, World, key_of

from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.record import read_session
from webapp.sessions.script import SCRIPTS
from webapp.sessions.token import Token, new_public_id


async def test_each_act_is_one_round_trip(world: World, deployment: Deployment, ada: AccountSnapshot):
    here = await world.sign_in(ada)
    session_id = here.session.id
    service = world.service
    # Each script is sent whole the first time that Redis sees it; after that by its hash.
    await service.list(ada.id)
    await service.rename(ada.id, session_id, "a name")
    await service.confirm(ada.id, session_id)
    other = await world.sign_in(ada)
    await service.renew(other.token)
    await service.put_account(ada)
    await service.end(ada.id, Token.new(ada.id).session_id, cause=CAUSE)
    await service.end_others(ada.id, keep=session_id, cause=CAUSE)
    await service.trim_ending(ada.id, other.session.id)
    await service.forget_endings(ada.id, [new_public_id()])
    await service.resume(here.token, address=ADDRESS)

    looks = (service.resume(here.token, address=ADDRESS), service.list(ada.id))
    writes = (
        world.sign_in(ada),
        service.rename(ada.id, session_id, "another"),
        service.confirm(ada.id, session_id),
        service.put_account(ada),
        service.renew(here.token),
        service.end_before(ada.id, keep=session_id, before=here.now, cause=CAUSE),
        service.end_others(ada.id, keep=session_id, cause=CAUSE),
        service.end_browser(ada.id, "b" * 11, "s" * 22, cause=CAUSE),
        service.end(ada.id, session_id, cause=CAUSE),
        service.end_all(ada.id, cause=CAUSE),
        service.trim_ending(ada.id, session_id),
        service.forget_endings(ada.id, [session_id]),
    )
    # A write that must outlive a failover is sent together with the wish to be told when the replica has it.
    written = ["EVALSHA", "WAIT"] if isinstance(deployment, SentinelRedis) else ["EVALSHA"]
    for calls, expected in ((looks, ["EVALSHA"]), (writes, written)):
        for call in calls:
            sent, inside = await commands_of(deployment, call)
            assert sent == expected
            assert not {"SCAN", "KEYS"} & set(inside)


@pytest.mark.parametrize("signed_in_elsewhere", [False, True])
async def test_act_that_finds_nothing_to_do_writes_all_the_same(
    world: World, deployment: Deployment, ada: AccountSnapshot, *, signed_in_elsewhere: bool
):
    """WAIT counts what its own connection has written; what another one ended, a failover could bring back."""
    gone = Token.parse((await world.sign_in(ada)).token)
    assert gone is not None
    await world.service.end(ada.id, gone.session_id, cause=CAUSE)
    here = (await world.sign_in(ada)).session.id if signed_in_elsewhere else ""
    before = await world.everything()

    for act in (
        world.service.end(ada.id, gone.session_id, cause=CAUSE),
        world.service.end_own(gone),
        world.service.end_others(ada.id, keep=here, cause=CAUSE),
        world.service.end_before(ada.id, keep="", before=1, cause=CAUSE),
        world.service.rename(ada.id, gone.session_id, "a name"),
        world.service.renew(str(gone)),
        world.service.trim_ending(ada.id, new_public_id()),
        world.store.put_account(ada),
    ):
        _, inside = await commands_of(deployment, act)
        assert "HSET" in inside

    assert await world.everything() == before


async def test_visit_costs_reads_alone(world: World, deployment: Deployment, ada: AccountSnapshot):
    here = await world.sign_in(ada)
    await world.resumes(here.token)

    sent, inside = await commands_of(deployment, world.service.resume(here.token, address=ADDRESS))

    assert sent == ["EVALSHA"]
    assert inside == ["TIME", "HLEN", "HMGET"]


async def test_cost_of_a_visit_and_of_a_list_does_not_know_other_people(
    world: World, deployment: Deployment, ada: AccountSnapshot
):
    here = await world.sign_in(ada)
    await world.sign_in(ada)
    await world.listed(ada)
    await world.resumes(here.token)
    alone = [(await commands_of(deployment, call))[1] for call in calls(world, here.token, ada)]
    for _ in range(30):
        await world.sign_in(world.person())

    among_others = [(await commands_of(deployment, call))[1] for call in calls(world, here.token, ada)]

    assert among_others == alone


def calls(world: World, token: str, account: AccountSnapshot) -> list[Awaitable[object]]:
    return [world.service.resume(token, address=ADDRESS), world.service.list(account.id)]


async def test_token_that_has_not_the_form_of_one_costs_nothing(world: World, deployment: Deployment):
    sent, _ = await commands_of(deployment, world.service.resume("x.y.z", address=ADDRESS))

    assert sent == []


async def test_busy_session_is_written_once_an_interval(world: World, deployment: Deployment, ada: AccountSnapshot):
    here = await world.sign_in(ada)
    await world.age(here.token, MINUTE)

    writes = 0
    for _ in range(30):
        _, inside = await commands_of(deployment, world.service.resume(here.token, address=ADDRESS))
        writes += "HSET" in inside

    assert writes == 1


@pytest.mark.parametrize("remember", [False, True])
async def test_record_stays_in_the_compact_form(world: World, ada: AccountSnapshot, *, remember: bool):
    started = await world.sign_in(ada, remember=remember, address="2001:0db8:0000:0000:0000:ff00:0042:8329")
    await world.service.rename(ada.id, started.session.id, "ä" * 32)
    await world.age(started.token, MINUTE)
    await world.service.resume(started.token, address="x" * 1000)

    # It was called ziplist before 7.0.
    assert await world.redis.object("ENCODING", key_of(started.token)) in {"listpack", "ziplist"}


async def test_secret_stands_nowhere_in_redis(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, MINUTE)
    await world.resumes(started.token)
    secret = started.token.rpartition(".")[2]

    everything = repr(await world.everything())

    assert started.session.id in everything
    assert secret not in everything
    assert started.token not in everything


async def test_hash_leaves_redis_in_no_answer(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    found = (await world.written(started.token))["hash"]

    answers = [
        repr(started),
        repr(await world.service.resume(started.token, address=ADDRESS)),
        repr(await world.service.list(ada.id)),
    ]

    assert all(started.session.id in answer for answer in answers)
    assert not any(found in answer for answer in answers)
    assert not any(started.token in answer for answer in answers)


def test_both_sides_name_the_fields_in_the_same_order():
    prelude = (SCRIPTS / "record.lua").read_text(encoding="utf-8")

    fields = prelude.partition("local FIELDS = {")[2].partition("}")[0]

    names = [field.strip(" '\n") for field in fields.split(",")]
    # Each field holds its own name.
    session = read_session("account", ["id", *names])
    flags = {"remembered", "shared"}
    others = [name for name in names if name not in flags]
    assert [getattr(session, name) for name in others] == [
        Device.decode(name) if name == "device" else name for name in others
    ]
    for flag in flags:
        one = read_session("account", ["id", *("1" if name == flag else "0" for name in names)])
        assert {name for name in flags if getattr(one, name)} == {flag}


@pytest.mark.parametrize("name", sorted(path.stem for path in SCRIPTS.glob("*.lua")))
def test_script_opens_with_what_it_does(name: str):
    assert (SCRIPTS / f"{name}.lua").read_text(encoding="utf-8").startswith("-- ")
