"""Serves the whole application to tests, put together as ``webapp.main`` does it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from asgi_calls import Answer
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from pages import Site
from quart import Quart

from webapp.accounts.passwords import PasswordHasher
from webapp.factory import create_app
from webapp.main import enclose
from webapp.settings import Settings
from webapp.web.asgi import Message, Scope
from webapp.web.templating import ENVIRONMENT


class Compiled(BytecodeCache):
    """Keeps compiled templates: each test has an application of its own, and compiling took half of a test's time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := self._kept.get(bucket.key)) is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@asynccontextmanager
async def serving(
    environ: Mapping[str, str], hasher: PasswordHasher, prepare: Callable[[Quart], object] = lambda _: None
) -> AsyncIterator[Site]:
    """Serve the site that ``environ`` describes; ``prepare`` may add to the application before it starts."""
    settings = Settings.from_env(environ)
    app = create_app(settings, hasher)
    app.extensions[ENVIRONMENT].bytecode_cache = COMPILED
    prepare(app)
    async with app.test_app():
        site = Site(app, enclose(app, settings), settings.public_url)
        yield site
        await site.close()


async def ask(site: Site, scope: Scope) -> Answer:
    """Send one request without a body, in the very bytes of ``scope``, and wait for the answer."""
    answer = Answer()
    coming: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        # The client stays until it is answered.
        return coming.pop() if coming else await asyncio.Future()

    async def send(message: Message) -> None:
        answer.messages.append(message)

    await site.asgi(scope, receive, send)
    return answer
