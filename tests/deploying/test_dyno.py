"""A deploy on Heroku, all of it but Heroku: release phase, dynos two at a time, a store of twenty connections, SIGTERM.

Redis shows a self-signed chain, the database's address begins with postgres://, the router is simulated.
"""

import asyncio
import ssl
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import trustme
from deploying import platforms
from deploying.commands import procfile
from deploying.conftest import FORGED, PATIENCE, Browsers
from deploying.processes import Deployed, run
from deploying.test_heroku import environment
from pages import cookies_set
from ports import free_port
from proxies.heroku_router import HerokuRouter
from proxies.proxy import Place
from proxies.running import Address
from redis_deployments import StandaloneRedis

from webapp.dev import redis_server

OPERATORS = 2


@pytest.fixture
def redis(stack: ExitStack, folder: Path) -> StandaloneRedis:
    """Start what Heroku calls Mini: TLS with a chain of its own, twenty connections, nothing on disk."""
    if "installed" not in redis_server.binaries():
        pytest.skip("The embedded Redis speaks no TLS: install redis-server or valkey-server.")
    (kept := folder / "redis").mkdir()
    most = ("--maxclients", str(platforms.HEROKU_REDIS_CONNECTIONS))
    redis = StandaloneRedis(kept, redis_server.binaries()["installed"], tls=True, password="p8c61", options=most)
    stack.callback(redis.stop)
    return redis


@pytest.fixture
def config_vars(redis: StandaloneRedis, bare_postgresql_url: str) -> dict[str, str]:
    """Give the app's environment, without port and address."""
    database = bare_postgresql_url.replace("postgresql://", "postgres://", 1) + "&sslmode=require"
    return environment() | {"REDIS_URL": redis.url, "DATABASE_URL": database}


class App:
    """The app on the platform: its config vars, its one router, and a dyno behind it."""

    def __init__(self, stack: ExitStack, folder: Path, config_vars: dict[str, str]) -> None:
        self._stack, self._folder = stack, folder
        self.port, self.trust = free_port(), ssl.create_default_context()
        (at := folder / "router").mkdir()
        router = HerokuRouter(Place(at, self._certificate(at), Address("127.0.0.1", self.port)))
        stack.callback(router.stop)
        self.address = f"https://localhost:{router.https}"
        self.config_vars = config_vars | {"PUBLIC_URL": self.address}

    def _certificate(self, folder: Path) -> Path:
        authority, file = trustme.CA(), folder / "certificate.pem"
        authority.configure_trust(self.trust)
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(file))
        return file

    def dyno(self, port: int) -> Deployed:
        """Start a dyno, and return when it serves."""
        dyno = Deployed(procfile()["web"], self.config_vars | {"PORT": str(port)}, self._folder)
        self._stack.callback(dyno.stop, platforms.HEROKU_KILL)
        dyno.wait_until_up(platforms.HEROKU_BOOT)
        return dyno


@pytest.fixture
def app(stack: ExitStack, folder: Path, config_vars: dict[str, str]) -> App:
    app = App(stack, folder, config_vars)
    released = [run(procfile()["release"], app.config_vars) for _ in range(2)]
    assert [ended.returncode for ended in released] == [0, 0], released[0].stderr
    assert "from nothing to" in released[0].stdout
    assert "up to date" in released[1].stdout
    return app


@pytest.mark.timeout(150)
async def test_deploy_from_release_to_release(app: App, redis: StandaloneRedis, browsers: Browsers):
    dyno = app.dyno(app.port)
    browser = browsers(app.address, app.trust)
    registered = await browser.register()

    cookie = cookies_set(registered)["__Host-session"]
    assert registered.status_code == 303, registered.text
    assert cookie["secure"]
    devices = await browser.get("/settings/sessions")
    assert "127.0.0.1" in devices.text
    assert FORGED["X-Forwarded-For"] not in devices.text

    # The next release starts while this dyno still serves; both are used hard, and the store has room for both.
    following = app.dyno(next_port := free_port())
    assert await used_hard(app, [app.port, next_port], browser.session_cookie) == {200}
    assert int(redis.cli("INFO", "clients")["connected_clients"]) <= platforms.HEROKU_REDIS_CONNECTIONS - OPERATORS

    assert dyno.stop(platforms.HEROKU_KILL) == 0, dyno.log()
    assert following.stop(platforms.HEROKU_KILL) == 0, following.log()
    restarted = app.dyno(app.port)
    assert (await browser.get("/dashboard")).status_code == 200
    assert restarted.stop(platforms.HEROKU_KILL) == 0


async def used_hard(app: App, ports: list[int], cookie: str) -> set[int]:
    """Ask each dyno for many pages at once, past the router but in its words; gives the statuses of the answers."""
    router = {
        "Host": app.address.removeprefix("https://"),
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
    }
    headers = {**router, "Cookie": f"__Host-session={cookie}"}
    async with httpx.AsyncClient(headers=headers, timeout=PATIENCE) as client:
        pages = [f"http://127.0.0.1:{port}/dashboard" for port in ports * 60]
        answers = await asyncio.gather(*map(client.get, pages))
    return {answer.status_code for answer in answers}


async def test_release_fails_in_words_while_the_address_is_missing(config_vars: dict[str, str]):
    ended = run(procfile()["release"], config_vars | {"PUBLIC_URL": ""})
    assert ended.returncode == 2
    assert ended.stderr.startswith("PUBLIC_URL is not set")
