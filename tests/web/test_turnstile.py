"""Forms that come all at once begin one after the other, and nothing waits for them."""

import asyncio

import pytest
from asgi_calls import HOST, Inside, call, http_scope

from webapp.web import turnstile
from webapp.web.asgi import Receive, Scope, Send
from webapp.web.turnstile import Turnstile

NEVER = 3600.0


class Begun(Inside):
    """Remembers who came in, by the path."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        await super().__call__(scope, receive, send)


async def come(door: Turnstile, path: str, method: str = "POST") -> None:
    await call(door, http_scope(path.encode(), [(b"host", HOST)], method=method))


@pytest.fixture
def inside() -> Begun:
    return Begun()


async def test_forms_begin_in_their_order_and_apart(inside: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "APART", 0.05)
    door, paths = Turnstile(inside), [f"/{number}" for number in range(4)]
    clock = asyncio.get_running_loop().time
    began = clock()
    await asyncio.gather(*(come(door, path) for path in paths))
    assert inside.paths == paths
    # The loop may be early by what its clock cannot tell apart.
    assert clock() - began > 3 * 0.05 - 0.01


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_pages_pass_forms_that_wait(inside: Begun, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setattr(turnstile, "APART", NEVER)
    monkeypatch.setattr(turnstile, "AT_MOST", NEVER)
    door = Turnstile(inside)
    await come(door, "/first")
    waiting = asyncio.create_task(come(door, "/second"))
    await asyncio.sleep(0)
    await come(door, "/page", method)
    assert inside.paths == ["/first", "/page"]
    waiting.cancel()


async def test_nobody_waits_for_longer_than_that_helps(inside: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "APART", NEVER)
    monkeypatch.setattr(turnstile, "AT_MOST", 0.01)
    door = Turnstile(inside)
    async with asyncio.timeout(10):
        for path in ("/1", "/2", "/3"):
            await come(door, path)
    assert inside.paths == ["/1", "/2", "/3"]
