"""What the doctor says of one Redis: each thing that can be wrong with it is made wrong on a real one."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from asgi_calls import settings
from findings import marked, the_one
from own_redis import StandaloneRedis, any_binary
from ports import free_port
from redis.asyncio import Redis

from webapp.commands.checks import redis_checks, redis_facts
from webapp.commands.checks.findings import Finding, Mark
from webapp.commands.checks.redis_rules import judge

Start = Callable[..., StandaloneRedis]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that belong to this test."""
    servers: list[StandaloneRedis] = []
    with TemporaryDirectory(prefix="gatehouse-") as folder:

        def begin(**options: object) -> StandaloneRedis:
            own = Path(folder) / str(len(servers))
            own.mkdir()
            servers.append(StandaloneRedis(own, any_binary(), **options))  # type: ignore[arg-type]  # Passed on as they are.
            return servers[-1]

        yield begin
        for server in servers:
            server.stop()


async def examined(url: str, platform: str | None = None, **variables: str) -> list[Finding]:
    return await redis_checks.examine(settings(REDIS_URL=url, **variables), platform)


async def test_good_redis_has_nothing_wrong(start: Start) -> None:
    found = await examined(start(append_only=True).url)
    assert marked(found, "wrong") == marked(found, "warning") == []
    assert "Redis " in found[0].text
    assert the_one(found, "signs nobody out").mark is Mark.OK
    assert the_one(found, "clock").mark is Mark.OK


async def test_nothing_is_written(start: Start) -> None:
    server = start()
    await examined(server.url)
    assert server.cli("DBSIZE") == 0


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
async def test_policy_that_evicts_is_wrong(start: Start, policy: str) -> None:
    server = start()
    server.cli("CONFIG", "SET", "maxmemory-policy", policy)
    [text] = marked(await examined(server.url), "wrong")
    assert policy in text
    assert "Set maxmemory-policy to noeviction" in text


@pytest.mark.parametrize(
    ("share", "words"), [(0.99, "wrong: it is full"), (1.1, "warning: soon"), (9, "ok: room for about")]
)
async def test_memory_is_measured_against_its_limit(start: Start, share: float, words: str) -> None:
    server = start()
    server.cli("SET", "weight", "x" * 20_000_000)
    server.cli("CONFIG", "SET", "maxmemory", int(server.cli("INFO", "memory")["used_memory"] * share))
    finding = the_one(await examined(server.url), "It uses ")
    mark, _, said = words.partition(": ")
    assert finding.mark.value == mark
    assert said in finding.text


@pytest.mark.parametrize(("allowed", "mark", "advice"), [(59, "wrong", 14), (119, "warning", 29), (120, "ok", None)])
async def test_connections_are_counted_for_all_processes_and_twice_for_deploys(
    start: Start, allowed: int, mark: str, advice: int | None
) -> None:
    server = start()
    server.cli("CONFIG", "SET", "maxclients", allowed)
    finding = the_one(await examined(server.url, REDIS_CONNECTIONS="30", WEB_CONCURRENCY="2"), "REDIS_CONNECTIONS=30")
    assert finding.mark.value == mark
    assert f"can open 60 connections on each machine, and it allows {allowed}" in finding.text
    assert advice is None or f"Set REDIS_CONNECTIONS={advice}." in finding.text


async def test_advised_number_of_connections_is_enough(start: Start) -> None:
    server = start()
    server.cli("CONFIG", "SET", "maxclients", 20)
    assert the_one(await examined(server.url), "Set REDIS_CONNECTIONS=9.").mark.value == "warning"
    assert the_one(await examined(server.url, REDIS_CONNECTIONS="9"), "REDIS_CONNECTIONS=9").mark.value == "ok"


@pytest.mark.parametrize(("save", "words"), [("", "keeps nothing on disk"), ("60 1", "snapshots alone")])
async def test_redis_that_forgets_is_a_warning(start: Start, save: str, words: str) -> None:
    server = start()
    server.cli("CONFIG", "SET", "save", save)
    assert the_one(await examined(server.url), words).mark.value == "warning"


async def test_replica_is_wrong(start: Start) -> None:
    server = start()
    server.cli("REPLICAOF", "127.0.0.1", free_port())
    assert the_one(await examined(server.url), "It is a replica").mark.value == "wrong"


async def test_disk_that_cannot_be_written_is_wrong(start: Start) -> None:
    server = start()
    # Its snapshot would have to replace a folder.
    (server.socket.parent / "dump.rdb").mkdir()
    server.cli("BGSAVE")
    for _ in range(500):
        if server.cli("INFO", "persistence")["rdb_last_bgsave_status"] == "err":
            break
        await asyncio.sleep(0.05)
    assert the_one(await examined(server.url), "cannot write to its disk").mark.value == "wrong"


@pytest.mark.parametrize(("ahead", "side"), [(-100, "ahead of"), (100, "behind")])
async def test_clocks_that_differ_are_a_warning(redis_url: str, ahead: int, side: str) -> None:
    found = await redis_checks.examine(settings(REDIS_URL=redis_url), None, lambda: time.time() + ahead)
    finding = the_one(found, f" s {side} ours")
    assert finding.mark.value == "warning"
    told = re.search(r"(\d+) s ", finding.text)
    assert told
    # Half of the time that the answer took may be wrong.
    assert 95 <= int(told[1]) <= 105


async def test_user_who_may_see_nothing_gets_warnings_and_what_to_do(start: Start) -> None:
    server = start(tcp=True)
    forbidden = ("-info", "-config")
    server.cli("ACL", "SETUSER", "web", "on", ">pass-word", "~*", "&*", "+@all", *forbidden)
    found = await examined(f"redis://web:pass-word@127.0.0.1:{server.port}")
    assert marked(found, "wrong") == []
    assert len([text for text in marked(found, "warning") if "cannot be seen" in text or "can be seen" in text]) == 5


async def test_user_who_may_not_run_scripts_is_wrong(start: Start) -> None:
    server = start(tcp=True)
    server.cli("ACL", "SETUSER", "web", "on", ">pass-word", "~*", "&*", "+@all", "-@scripting")
    found = await examined(f"redis://web:pass-word@127.0.0.1:{server.port}")
    [text] = marked(found, "wrong")
    assert "does not run our scripts" in text


async def test_version_that_is_too_old_is_wrong_and_valkey_is_called_by_its_name(redis_url: str) -> None:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        server = await redis_facts.look_at(client.execute_command, "Redis")
    old = redis_facts.Server("Redis", {**server.info, "redis_version": "5.0.14"}, "", 0, 0)
    assert marked(judge(old, settings()), "wrong") == ["It is Redis 5.0.14; sessions need 6.2 or later. Upgrade it."]
    valkey = {"redis_version": "7.2.4", "valkey_version": "8.1.0"}
    new = redis_facts.Server("Redis", {**server.info, **valkey}, "", 0, 0)
    assert judge(new, settings())[0].text == "It is Valkey 8.1.0 and answers within 1 ms."
