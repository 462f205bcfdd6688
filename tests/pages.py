"""A small browser for tests: it keeps cookies, takes form tokens from the page it is on, and speaks with all faces.

It talks to the whole application, from the proxies inwards, without a network in between.
"""

import re
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import httpx
from quart import Quart

from webapp.web.context import services
from webapp.wiring import Services

Face = Literal["page", "htmx", "json"]
FACES: tuple[Face, ...] = ("page", "htmx", "json")

ORIGIN = "https://gatehouse.test"
SESSION_COOKIE = "__Host-session"
VISITOR_COOKIE = "__Host-visitor"
BROWSER_COOKIE = "__Host-browser"
TOLD_COOKIE = "__Host-told"
PASSWORD = "seven purple lanterns"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1"
)


class Tags(HTMLParser):
    """Collects every start tag of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def tags(html: str, name: str) -> list[dict[str, str]]:
    """Return the attributes of each ``name`` tag."""
    return [attributes for tag, attributes in Tags(html).found if tag == name]


def token_in(html: str) -> str:
    """Return the form token of a page, or nothing where it has no form."""
    return next((tag["value"] for tag in tags(html, "input") if tag.get("name") == "csrf_token"), "")


def is_page(response: httpx.Response) -> bool:
    """Tell whether the answer is a whole page."""
    return response.text.startswith("<!doctype html>")


def is_fragment(response: httpx.Response, root: str) -> bool:
    """Tell whether the answer is a piece of a page whose root has the id ``root``."""
    first = Tags(response.text).found[0][1] if response.text else {}
    return "<html" not in response.text and first.get("id") == root


def is_problem(response: httpx.Response, status: int) -> bool:
    """Tell whether the answer is a problem document (RFC 9457) that tells its own status."""
    kind = response.headers["Content-Type"]
    return kind == "application/problem+json" and bool(response.json()["status"] == status == response.status_code)


def stays_here(location: str) -> bool:
    """Judge a redirect as browsers do: they drop tabs and line breaks, and take backslashes for slashes."""
    seen = location.translate({ord(dropped): None for dropped in "\t\r\n"}).strip(" \0").replace("\\", "/")
    parts = urlsplit(urljoin(f"{ORIGIN}/login", seen))
    return location.isascii() and location.isprintable() and f"{parts.scheme}://{parts.netloc}" == ORIGIN


def cookies_set(response: httpx.Response) -> dict[str, Morsel[str]]:
    """Return the cookies that the answer sets or deletes, by name."""
    found: SimpleCookie = SimpleCookie()
    for line in response.headers.get_list("Set-Cookie"):
        found.load(line)
    return dict(found)


def new_email() -> str:
    """Return an email that no other test has used."""
    return f"ada.{secrets.token_hex(4)}@example.test"


@dataclass
class Browser:
    """One browser with its own cookies."""

    client: httpx.AsyncClient
    token: str = ""
    email: str = field(default_factory=new_email)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self._seen(await self.client.get(path, headers=_spelled(headers)))

    async def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Press a button of the page that was seen last."""
        fields = {"csrf_token": self.token, **(data or {})}
        return self._seen(await self.client.post(path, data=fields, headers=_spelled(headers)))

    async def htmx(self, path: str, data: dict[str, str] | None = None, page: str = "/dashboard") -> httpx.Response:
        """Press a button through htmx, standing on ``page``."""
        return await self.post(path, data, hx_request="true", hx_current_url=ORIGIN + page)

    async def json(self, method: str, path: str, data: Any = None) -> httpx.Response:  # noqa: ANN401
        """Ask as a client that accepts only JSON."""
        content: dict[str, Any] = {} if method == "GET" else {"json": {} if data is None else data}
        return await self.client.request(method, path, headers={"Accept": "application/json"}, **content)

    async def send(self, face: Face, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        """Send the same fields as one of the three kinds of callers."""
        if face == "json":
            return await self.json("POST", path, data)
        return await (self.htmx if face == "htmx" else self.post)(path, data)

    async def look(self, face: Face, path: str) -> httpx.Response:
        """Open the same path as one of the three kinds of callers."""
        if face == "json":
            return await self.json("GET", path)
        headers = {"hx_request": "true", "hx_current_url": ORIGIN + path} if face == "htmx" else {}
        return await self.get(path, **headers)

    async def register(self, name: str = "Ada Lovelace", password: str = PASSWORD) -> httpx.Response:
        """Sign up through the real form."""
        await self.get("/register")
        return await self.post("/register", {"email": self.email, "name": name, "password": password})

    async def log_in(self, email: str = "", password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Sign in through the real form."""
        await self.get("/login")
        return await self.post("/login", {"email": email or self.email, "password": password, **fields})

    @property
    def session_cookie(self) -> str:
        """What the session cookie holds; nothing where there is none."""
        return self.client.cookies.get(SESSION_COOKIE) or ""

    def carry(self, session_cookie: str) -> None:
        """Have this session cookie and no other, as somebody who copied it."""
        self.client.cookies.clear()
        self.client.cookies.set(SESSION_COOKIE, session_cookie, domain=self.client.base_url.host)

    def close(self) -> None:
        """Close the browser, which then forgets its session and keeps what has a ``Max-Age``."""
        for cookie in list(self.client.cookies.jar):
            if cookie.discard:
                self.client.cookies.delete(cookie.name)

    def _seen(self, response: httpx.Response) -> httpx.Response:
        self.token = token_in(response.text) or self.token
        return response


def _spelled(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Site:
    """The running application, and browsers to visit it with."""

    app: Quart
    asgi: Any
    origin: str = ORIGIN
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, address: str = "192.0.2.1", user_agent: str = FIREFOX) -> Browser:
        """Open a browser at ``address``."""
        transport = httpx.ASGITransport(self.asgi, client=(address, 50000), raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=self.origin, headers={"User-Agent": user_agent})
        self.clients.append(client)
        return Browser(client)

    async def services(self) -> Services:
        """Return what stands behind the pages."""
        async with self.app.app_context():
            return services()

    async def close(self) -> None:
        """Close all browsers."""
        for client in self.clients:
            await client.aclose()


def session_ids(html: str) -> list[str]:
    """Return the public ids of the sessions on a device page, in its order."""
    return re.findall(r'id="session-([A-Za-z0-9_-]{22})"', html)
