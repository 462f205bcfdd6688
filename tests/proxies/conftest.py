"""The routes into the site, through every proxy, and clients to take them."""

from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
from proxies.clients import Clients, new_address
from proxies.landscape import PLATFORMS, ROUTES, Landscape, Route
from proxies.running import has_ipv6


@pytest.fixture(scope="session")
def landscape(servers: ExitStack) -> Landscape:
    """Give the servers and proxies of the run."""
    return Landscape(servers)


@pytest.fixture(params=ROUTES)
def route(landscape: Landscape, request: pytest.FixtureRequest) -> Route:
    """Give each way in, in turn."""
    return landscape.route(request.param)


@pytest.fixture(params=[name for name in ROUTES if name not in PLATFORMS])
def real_route(landscape: Landscape, request: pytest.FixtureRequest) -> Route:
    """Give each way in that no part of is simulated."""
    return landscape.route(request.param)


@pytest.fixture
async def clients(landscape: Landscape) -> AsyncIterator[Clients]:
    """Open clients wherever the test wants them."""
    opened = Clients(landscape.authority)
    yield opened
    for client in opened.opened:
        await client.aclose()


@pytest.fixture
def source() -> str:
    """Return an address that no other client has."""
    return new_address()


@pytest.fixture
def ipv6() -> str:
    """Return the one IPv6 address that this machine has for itself."""
    if not has_ipv6():
        pytest.skip("This machine has no IPv6, not even for itself: no client can come by it.")
    return "::1"
