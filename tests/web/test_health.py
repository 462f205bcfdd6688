"""What platforms ask: alive, and able to serve."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest
from asgi_calls import http_scope
from pages import Browser, Site
from serving import ask, serving
from stores import Stores

from webapp.accounts.passwords import PasswordHasher
from webapp.database import migrate


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_all_well_is_200_and_sets_no_cookie(path: str, ada: Browser, browser: Browser):
    for who in (ada, browser):
        response = await who.get(path)
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        assert response.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "", "evil.test", "\xff", "a" * 500])
async def test_host_may_be_any_or_none(host: str, path: str, site: Site):
    response = await site.browser().client.get(path, headers=[(b"Host", host.encode("latin-1"))])
    assert response.status_code == 200


@pytest.mark.parametrize("path", [b"/healthz", b"/readyz"])
async def test_host_may_be_missing(path: bytes, site: Site):
    assert (await ask(site, http_scope(path, headers=()))).status == 200


@pytest.mark.parametrize("trusted", ["heroku", "render", "2"])
async def test_proxy_need_not_stand_in_between(
    trusted: str, environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]
):
    async with serving({**environ, "TRUSTED_PROXY": trusted}, cheap_hasher()) as site:
        transport = httpx.ASGITransport(site.asgi, client=("10.0.0.9", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as platform:
            assert (await platform.get("/healthz")).status_code == 200
            assert (await platform.get("/readyz")).status_code == 200
            assert (await platform.get("/login")).status_code == 400


async def test_redis_away_is_alive_and_not_ready(browser: Browser, stores: Stores):
    with stores.away():
        alive, ready = await browser.get("/healthz"), await browser.get("/readyz")
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert "Redis" in ready.text
    assert int(ready.headers["Retry-After"]) > 0
    assert (await browser.get("/readyz")).status_code == 200


async def test_database_without_tables_is_alive_and_not_ready_until_it_is_migrated(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], bare_postgresql_url: str
):
    async with serving({**environ, "DATABASE_URL": bare_postgresql_url}, cheap_hasher()) as site:
        browser = site.browser()
        assert (await browser.get("/healthz")).status_code == 200
        ready = await browser.get("/readyz")
        assert ready.status_code == 503
        assert ready.text == "the database is not migrated: run python -m webapp migrate\n"
        assert int(ready.headers["Retry-After"]) > 0
        migrate.upgrade(bare_postgresql_url)
        assert (await browser.get("/readyz")).status_code == 200


async def test_database_of_a_newer_version_is_ready(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], stores: Stores
):
    with closing(sqlite3.connect(environ["DATABASE_URL"].removeprefix("sqlite:///"))) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    async with serving(environ, cheap_hasher()) as site:
        assert (await site.browser().get("/readyz")).status_code == 200


async def test_database_away_is_alive_and_not_ready(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]
):
    nowhere = "postgresql://somebody:secret@127.0.0.1:1/nothing"
    async with serving({**environ, "DATABASE_URL": nowhere}, cheap_hasher()) as site:
        browser = site.browser()
        assert (await browser.get("/healthz")).status_code == 200
        ready = await browser.get("/readyz")
    assert ready.status_code == 503
    assert "database" in ready.text
    assert "secret" not in ready.text
