"""Every route of the site as a value, and a caller who is in a position to use it."""

from dataclasses import dataclass
from functools import cache

from mailed_links import doubting_token, mailed_token
from pages import PASSWORD, Browser, Site

from webapp.accounts.links import Purpose
from webapp.factory import create_app
from webapp.settings import Settings
from webapp.web.csrf import SAFE_METHODS
from webapp.web.guards import Access, access_of
from webapp.web.limits import Limit, limit_of

# Enough to put the application together; nothing is opened before it serves.
UNOPENED = {"SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "REDIS_URL": "redis://localhost"}

# What a person sends with each form. A new form has to be described here, or its tests do not run.
FIELDS = {
    "/register": {"email": "new@example.test", "name": "New Person", "password": PASSWORD},
    "/register/strength": {"password": PASSWORD},
    "/login": {"password": PASSWORD},
    "/session/again": {"password": PASSWORD},
    "/session/stay": {},
    "/logout": {},
    "/logout-all": {},
    "/confirm": {"password": PASSWORD},
    "/settings/data/export": {"password": PASSWORD},
    "/settings/data/erase": {"word": "erase", "password": PASSWORD},
    "/settings/profile": {"name": "New Name"},
    "/settings/email": {"email": "elsewhere@example.test"},
    "/settings/email/cancel": {},
    "/settings/email/resend": {},
    "/settings/sessions/<session_id>/end": {},
    "/settings/sessions/browsers/<browser>/end": {},
    "/settings/sessions/end-others": {},
    "/settings/sessions/end-unused": {},
    "/settings/password": {"current": PASSWORD, "new": "eleven copper umbrellas"},
    "/forgot": {},
    "/reset/<token>": {"new": "eleven copper umbrellas"},
    "/settings/sessions/<session_id>/name": {"name": "Kitchen"},
    "/confirm-email/<token>": {},
    "/restore-email/<token>": {},
    "/not-me/<token>": {},
}
# What the links are for that lead here from mails.
PURPOSES: dict[str, Purpose] = {
    "/reset/<token>": "reset",
    "/confirm-email/<token>": "confirm",
    "/restore-email/<token>": "restore",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path."""

    method: str
    rule: str
    access: Access
    asks_again: bool
    limit: Limit | None

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    def path(self, session_id: str, token: str = "", browser: str = "B" * 11) -> str:
        """Return an address that leads here."""
        path = self.rule.replace("<session_id>", session_id).replace("<browser>", browser).replace("<token>", token)
        return path.replace("<path:path>", "no-such-file")


@cache
def routes() -> tuple[Route, ...]:
    """Return every route, without the HEAD that goes with each GET."""
    app = create_app(Settings.from_env(UNOPENED))
    found = []
    for rule in app.url_map.iter_rules():
        handler = app.view_functions[rule.endpoint]
        methods = set(rule.methods or ()) - {"HEAD"}
        asks_again, limit = getattr(handler, "asks_again", False), limit_of(handler)
        found += [Route(method, rule.rule, access_of(handler), asks_again, limit) for method in sorted(methods)]
    return tuple(found)


def safe_routes() -> list[Route]:
    """Return those that must not change anything."""
    return [route for route in routes() if route.method in SAFE_METHODS]


def unsafe_routes() -> list[Route]:
    """Return those that may."""
    return [route for route in routes() if route.method not in SAFE_METHODS]


def member_routes() -> list[Route]:
    """Return those that are closed to people who are not signed in."""
    return [route for route in routes() if route.access in {Access.MEMBERS, Access.RECENTLY_CONFIRMED}]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whom a route is for, on a page from which it is used, and the address of the use."""

    browser: Browser
    path: str
    fields: dict[str, str]


async def caller_of(route: Route, site: Site) -> Caller:
    """Return a person with an account and two devices: signed in, but as a guest where the route is for guests."""
    member = site.browser()
    await member.register()
    elsewhere = site.browser()
    await elsewhere.log_in(member.email)
    await member.get("/settings/sessions")
    _, listed = (await member.json("GET", "/settings/sessions")).json()["sessions"]
    other = listed["id"]
    browser = member
    if route.access is Access.GUESTS:
        browser = site.browser()
        await browser.get("/login")
    fields = {"email": member.email, **FIELDS[route.rule]} if route.method == "POST" else {}
    return Caller(browser, route.path(other, await _token(route, site, member, other), listed["browser"]), fields)


async def _token(route: Route, site: Site, member: Browser, session_id: str) -> str:
    if route.rule == "/not-me/<token>":
        return await doubting_token(site, member.email, session_id)
    return await mailed_token(site, member.email, PURPOSES[route.rule]) if route.rule in PURPOSES else ""
