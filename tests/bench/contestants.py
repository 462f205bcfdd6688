"""The servers whose pages are compared: ours, and what somebody puts together from the field's documentation.

Each shows a page to whoever is signed in, and the same page to a visitor. They share one Redis, in databases of their
own.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import cores, node
from bench.asking import ask
from bench.people import people_of
from bench.served import PATH
from gatehouse import ROOT, SECRET
from own_redis import StandaloneRedis, any_binary, wait_until
from ports import free_port
from servers import GUARD, STOP_SECONDS

from webapp.database import migrate
from webapp.settings import Settings

PRODUCT, QUART, EXPRESS, FASTIFY = "Gatehouse", "Quart", "Express", "Fastify"
ON_NODE = {EXPRESS: "express_app.js", FASTIFY: "fastify_app.js"}
PEERS = Path(__file__).with_name("peers")
# Sessions of each, whose cookies come in turn.
SESSIONS = 64
# Names with numbers of two digits make pages of one length.
FIRST = 10
# A page for a visitor may have so many bytes more or less than one for a person: the names on it are not the same.
ALIKE = 64
HTTP_OK = 200

Environment = dict[str, str]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server that was started as ``process``, on ``port``: its two pages, and the cookies of people who signed in.

    Its pages have ``size`` bytes at least, without their heads.
    """

    name: str
    port: int
    process: int
    page: str
    visitor: str
    cookies: list[str]
    size: int


@dataclass(frozen=True, slots=True)
class Field:
    """All that take part, the Redis that they share, and why some could not."""

    contestants: list[Contestant]
    redis: StandaloneRedis
    absent: dict[str, str]


@contextmanager
def field(folder: Path, *, with_node: bool = True) -> Iterator[Field]:
    """Start all of them, at rest until they are asked, with their files in ``folder``."""
    with ExitStack() as stack:
        with cores.on(cores.OTHERS):
            redis = StandaloneRedis(folder, any_binary(), tcp=True)
        stack.callback(redis.stop)
        reason = node.missing() if with_node else "not asked for"
        start = _Starter(stack, redis, folder)
        contestants = [start.product(), start.quart()]
        absent = dict.fromkeys(ON_NODE, reason) if reason else {}
        for name in [name for name in ON_NODE if name not in absent]:
            try:
                contestants.append(start.on_node(name, ON_NODE[name]))
            except (AssertionError, RuntimeError) as failure:
                # Its packages, or Node itself, may not do on this machine; the rest goes on.
                absent[name] = str(failure)
        yield Field(contestants, redis, absent)


class _Starter:
    """Starts one after the other."""

    def __init__(self, stack: ExitStack, redis: StandaloneRedis, folder: Path) -> None:
        self._stack, self._redis, self._folder = stack, redis, folder
        self._databases = 0

    def product(self) -> Contestant:
        """Start Gatehouse as in production."""
        port, database = free_port(), f"sqlite:///{self._folder / 'accounts.sqlite3'}"
        migrate.upgrade(database)
        environment = {
            "APP_ENV": "production",
            "TRUSTED_PROXY": "none",
            "PUBLIC_URL": f"https://127.0.0.1:{port}",
            "SECRET_KEY": SECRET,
            "DATABASE_URL": database,
            "REDIS_URL": self._url(),
            "PORT": str(port),
            "WEB_CONCURRENCY": "1",
            "SESSION_TOUCH": "60s",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        }
        process = self._start([sys.executable, "-m", "bench.served"], environment, PRODUCT, port, PATH)
        cookies = [_as_kept(port, "/dashboard", each) for each in asyncio.run(_people(environment))]
        return _checked(PRODUCT, port, process, ("/dashboard", PATH), cookies)

    def quart(self) -> Contestant:
        """Start the application on Quart, as its documentation does."""
        port = free_port()
        words = [
            sys.executable,
            "-m",
            "hypercorn",
            "-w",
            "0",
            "-k",
            "uvloop",
            "-b",
            f"127.0.0.1:{port}",
            "quart_app:app",
        ]
        environment = {"REDIS_URL": self._url(), "PYTHONPATH": str(PEERS)}
        return self._peer(QUART, port, words, environment)

    def on_node(self, name: str, file: str) -> Contestant:
        """Start one that runs on Node."""
        port = free_port()
        environment = {"REDIS_URL": self._url(), "PORT": str(port), "NODE_ENV": "production"}
        return self._peer(name, port, ["node", file], environment)

    def _peer(self, name: str, port: int, words: list[str], environment: Environment) -> Contestant:
        process = self._start(words, environment, name, port, "/visitor")
        cookies = [_sign_in(port, number) for number in range(FIRST, FIRST + SESSIONS)]
        return _checked(name, port, process, ("/me", "/visitor"), cookies)

    def _url(self) -> str:
        self._databases += 1
        return f"{self._redis.url}/{self._databases - 1}"

    def _start(self, words: list[str], environment: Environment, name: str, port: int, path: str) -> int:
        with (self._folder / f"{name}.log").open("ab") as log, cores.on(cores.SERVER):
            process = guarded(words, environment, log.fileno(), PEERS)
        self._stack.callback(process.communicate, timeout=STOP_SECONDS)
        wait_until(_answers(process, port, path), f"{name} answers")
        return process.pid


def guarded(words: list[str], environment: Environment, log: int, folder: Path) -> "subprocess.Popen[bytes]":
    """Start a server that ends with this process, in ``folder`` and with this environment alone."""
    path = {"PATH": os.environ.get("PATH", os.defpath)}
    guarding = ["/bin/sh", "-c", GUARD, "guard", *words]
    return subprocess.Popen(
        guarding,
        cwd=folder,
        env={**path, **environment},
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _answers(process: "subprocess.Popen[bytes]", port: int, path: str) -> Callable[[], bool]:
    def asked() -> bool:
        if process.poll() is not None:
            raise RuntimeError("It ended while it was starting.")
        try:
            return ask(port, path)[0] == HTTP_OK
        except OSError:
            time.sleep(0.05)
            return False

    return asked


async def _people(environment: Environment) -> list[str]:
    async with people_of(Settings.from_env(environment)) as people:
        return [member.cookie for member in await people.let_in(SESSIONS)]


def _as_kept(port: int, path: str, cookie: str) -> str:
    """Give a browser's cookies once it has seen a page: it sends back what that gave it, and is given it once."""
    given = [each.partition(";")[0] for each in ask(port, path, cookie)[2]]
    return "; ".join([cookie, *(each for each in given if each.partition("=")[0] != cookie.partition("=")[0])])


def _sign_in(port: int, number: int) -> str:
    status, _, cookies = ask(port, f"/sign-in?user={number}")
    if status != HTTP_OK or not cookies:
        raise RuntimeError(f"Nobody is let in: {status}.")
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


def _checked(name: str, port: int, process: int, paths: tuple[str, str], cookies: list[str]) -> Contestant:
    """Raise RuntimeError where a page is not what it should be, or is shown to somebody who is not signed in."""
    (open_status, visitor, _), page = ask(port, paths[1]), ask(port, paths[0], cookies[0])[1]
    shown = {open_status, *(ask(port, paths[0], each)[0] for each in cookies)}
    others = {ask(port, paths[0])[0], ask(port, paths[0], cookies[0].replace("=", "=A", 1))[0]}
    if shown != {HTTP_OK} or HTTP_OK in others:
        raise RuntimeError(f"{name} answers {shown}, and {others} to whoever is not signed in.")
    same = abs(len(page) - len(visitor)) <= ALIKE if name == PRODUCT else page == visitor
    if not same:
        raise RuntimeError(f"{name}'s pages are not the same: {len(page)} and {len(visitor)} bytes.")
    return Contestant(name, port, process, *paths, cookies, min(len(page), len(visitor)))
