"""Servers and proxies put behind each other, each started when the first test wants it and shared by all others.

All of them are one site, by name: so one server stands behind several proxies at a time, and whoever passes through
any of them has to speak of that name.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import trustme
from gatehouse import Gatehouse
from own_redis import StandaloneRedis, any_binary
from proxies.caddy import Caddy
from proxies.haproxy import Haproxy
from proxies.heroku_router import HerokuRouter
from proxies.nginx import Nginx
from proxies.proxy import Place, Proxy
from proxies.render_router import RenderRouter
from proxies.running import Address, loopback

NAME = "gatehouse.test"
ORIGIN = f"https://{NAME}"
# One wrong password, and the next try from there has to wait.
LOGIN_LIMIT = "1/15m"

Kind = TypeVar("Kind", bound=Proxy)
# Each proxy stands alone, first and last; the platforms' routers come as a whole.
ROUTES: dict[str, tuple[type[Proxy], ...]] = {
    "nginx": (Nginx,),
    "haproxy": (Haproxy,),
    "caddy": (Caddy,),
    "caddy-nginx": (Caddy, Nginx),
    "nginx-haproxy": (Nginx, Haproxy),
    "haproxy-caddy": (Haproxy, Caddy),
    "heroku": (HerokuRouter,),
    "render": (RenderRouter,),
}
# From where they connect to what is behind them.
PROXIES = frozenset(loopback())
# The simulated ones; TRUSTED_PROXY knows them by these names.
PLATFORMS = frozenset({"heroku", "render"})


@dataclass(frozen=True, slots=True)
class Route:
    """A way in: the proxy that clients connect to, the server at the other end, and the setting that fits both."""

    name: str
    trusted_proxy: str
    door: Proxy
    gatehouse: Gatehouse


def setting_for(name: str) -> str:
    """Give the TRUSTED_PROXY that is right for one of ROUTES."""
    return name if name in PLATFORMS else str(len(ROUTES[name]))


class Landscape:
    """Starts what tests ask for; ``stack`` ends it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.authority = trustme.CA()
        self._certificate = self.authority.issue_cert(NAME)
        self.server = cache(self._start_server)
        self.proxy: Callable[..., Proxy] = cache(self._start_proxy)

    def route(self, name: str) -> Route:
        """Give one of ROUTES, with a server that is configured for it."""
        gatehouse = self.server(setting_for(name))
        return Route(name, setting_for(name), self.line(gatehouse, *ROUTES[name]), gatehouse)

    def line(self, gatehouse: Gatehouse, *kinds: type[Proxy]) -> Proxy:
        """Put proxies in front of a server, the first one outermost, and return that one."""
        *outer, last = kinds
        proxy = self.proxy(last, address_of(gatehouse), inner=bool(outer))
        for kind in reversed(outer):
            proxy = self.proxy(kind, proxy.plain)
        return proxy

    def _start_server(self, trusted_proxy: str, networks: str = "", purpose: str = "") -> Gatehouse:
        """Start a server; one with a ``purpose`` is for tests that look at what it logs once."""
        redis = StandaloneRedis(self._folder(purpose), any_binary())
        self._stack.callback(redis.stop)
        gatehouse = Gatehouse(
            self._folder(),
            redis.url,
            APP_ENV="production",
            PUBLIC_URL=ORIGIN,
            LOGIN_LIMIT=LOGIN_LIMIT,
            TRUSTED_PROXY=trusted_proxy,
            TRUSTED_PROXY_NETWORKS=networks,
        )
        self._stack.callback(gatehouse.stop)
        return gatehouse

    def _start_proxy(
        self, kind: type[Kind], upstream: Address, *, inner: bool = False, source: str = "", **options: object
    ) -> Kind:
        folder = self._folder()
        certificate = folder / "certificate.pem"
        self._certificate.private_key_and_cert_chain_pem.write_to_path(str(certificate))
        proxy = kind(Place(folder, certificate, upstream, inner=inner, source=source), **options)
        self._stack.callback(proxy.stop)
        return proxy

    def _folder(self, purpose: str = "") -> Path:
        return Path(self._stack.enter_context(TemporaryDirectory(prefix=f"gatehouse-{purpose}-")))


def address_of(gatehouse: Gatehouse) -> Address:
    """Give the place where a server listens: by IPv6, where there is any, to see peers of either family."""
    return Address(loopback()[-1], int(gatehouse.url.rpartition(":")[2]))
