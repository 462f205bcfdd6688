"""What a deployment needs around it."""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from pages import Browser

# What a client claims that would like to be somebody else.
FORGED = {"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.test"}
# Argon2 on a busy machine takes its time, and so does a server that starts while somebody waits for it.
PATIENCE = 40

Browsers = Callable[[str, ssl.SSLContext], Browser]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Collect what ends with the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def folder(stack: ExitStack) -> Path:
    """Give a folder for sockets: their paths may have 107 bytes at the most."""
    return Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))


@pytest.fixture
async def browsers() -> AsyncIterator[Browsers]:
    """Open browsers at an address, which trust what the context trusts and send forged headers."""
    async with AsyncExitStack() as clients:

        def browser(address: str, trust: ssl.SSLContext) -> Browser:
            client = httpx.AsyncClient(base_url=address, verify=trust, headers=FORGED, timeout=PATIENCE)
            clients.push_async_callback(client.aclose)
            return Browser(client)

        yield browser
