"""The services open whatever state Redis is in."""

from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

import pytest
from place_files import BERLIN, write_places
from ports import free_port
from redis.asyncio import Redis

from webapp.accounts.passwords import PasswordHasher
from webapp.sessions.script import PARTS, SCRIPTS, first_text_of, text_of
from webapp.settings import Settings
from webapp.wiring import connect_services, open_services

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"


def settings(redis_url: str, database_url: str) -> Settings:
    return Settings.from_env({"SECRET_KEY": SECRET, "REDIS_URL": redis_url, "DATABASE_URL": database_url})


@pytest.mark.parametrize("beside", [False, True], ids=["empty", "beside the version before"])
async def test_scripts_are_known_to_redis_before_the_first_visitor(
    redis_url: str, sqlite_url: str, cheap_hasher: Callable[[], PasswordHasher], *, beside: bool
):
    async with Redis.from_url(redis_url) as redis, redis.client() as asked:
        await asked.script_flush()
        await asked.flushdb()
        if beside:
            await asked.set("of the version before", "")
        async with open_services(settings(redis_url, sqlite_url), cheap_hasher()):
            known = await asked.script_exists(*_hashes(text_of))
            first = await asked.script_exists(*_hashes(first_text_of))
    assert known
    assert all(known)
    assert all(first) == beside


async def test_services_open_while_redis_is_away(sqlite_url: str, cheap_hasher: Callable[[], PasswordHasher]):
    absent = f"redis://127.0.0.1:{free_port()}"
    async with open_services(settings(absent, sqlite_url), cheap_hasher()) as services:
        assert await services.faults() == ["Redis did not answer"]


async def test_places_are_known_while_the_services_are_open(
    sqlite_url: str, tmp_path: Path, cheap_hasher: Callable[[], PasswordHasher]
):
    file = write_places(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN})
    environ = {"SECRET_KEY": SECRET, "REDIS_URL": "redis://127.0.0.1:1", "DATABASE_URL": sqlite_url}
    for variables, place in (({}, ""), ({"GEOIP_DB": str(file)}, "Berlin, Germany")):
        async with connect_services(Settings.from_env({**environ, **variables}), cheap_hasher()) as services:
            assert services.places.place_of("192.0.2.7") == place
        assert services.places.place_of("192.0.2.7") == ""


def _hashes(text: Callable[..., str]) -> list[str]:
    names = {path.stem for path in SCRIPTS.glob("*.lua")} - set(PARTS)
    texts = (text(name, sharded=False) for name in names)
    # SHA-1 is how Redis names scripts; nothing is protected by it.
    return [sha1(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
