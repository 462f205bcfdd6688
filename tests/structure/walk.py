"""Everything that the site can show, fetched through the real handlers."""

from collections.abc import AsyncIterator

from pages import PASSWORD, Browser, Site, session_ids

DEVICES = "/settings/sessions"


async def everything_shown(site: Site) -> AsyncIterator[str]:
    """Give the HTML of every page and fragment in every state that changes its structure."""
    async for html in _as_visitor(site.browser()):
        yield html
    ada = site.browser()
    yield (await ada.register()).text
    elsewhere = site.browser()
    yield (await elsewhere.log_in(ada.email, remember="y")).text
    async for html in _as_member(ada):
        yield html
    async for html in _through_htmx(ada):
        yield html


async def _as_visitor(visitor: Browser) -> AsyncIterator[str]:
    for path in ("/", "/login", "/register", "/nowhere", "/dashboard"):
        yield (await visitor.get(path)).text
    for path in ("/login", "/register"):
        yield (await visitor.get(path)).text
        yield (await visitor.post(path, {"email": "no email"})).text
        yield (await visitor.post(path, {"email": "no email", "csrf_token": ""})).text
        yield (await visitor.post(path, origin="https://evil.test")).text
    yield (await visitor.log_in("nobody@example.test", "wrong")).text
    yield (await visitor.post("/register/strength", {"password": "abc"})).text


async def _as_member(ada: Browser) -> AsyncIterator[str]:
    for path in ("/dashboard", DEVICES, "/confirm", "/nowhere"):
        yield (await ada.get(path)).text
    here, other = session_ids((await ada.get(DEVICES)).text)
    yield (await ada.post("/confirm", {"password": "wrong"})).text
    for session_id in (here, other):
        yield (await ada.post(f"{DEVICES}/{session_id}/name", {"name": "n" * 65})).text
        await ada.post(f"{DEVICES}/{session_id}/name", {"name": "Kitchen"})
        yield (await ada.get(DEVICES)).text
    yield (await ada.post(f"{DEVICES}/{'A' * 22}/end")).text
    yield (await ada.get("/dashboard")).text


async def _through_htmx(ada: Browser) -> AsyncIterator[str]:
    here, other = session_ids((await ada.get(DEVICES)).text)
    yield (await ada.htmx(f"{DEVICES}/{here}/name", {"name": "n" * 65}, page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/{here}/name", {"name": ""}, page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/{other}/end", {"csrf_token": "stale"}, page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/{other}/end", page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/end-others", page=DEVICES)).text
    yield (await ada.htmx("/confirm", {"password": "wrong"}, page="/confirm")).text
    yield (await ada.htmx("/login", {"email": "no email", "password": PASSWORD}, page="/login")).text
    yield (await ada.htmx("/register", {"email": "no email"}, page="/register")).text
    yield (await ada.htmx("/register/strength", {"password": "abc"}, page="/register")).text
