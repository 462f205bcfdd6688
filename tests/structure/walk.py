"""Everything that the site can show, fetched through the real handlers."""

from collections.abc import AsyncIterator

from knowing import sign_in_again
from mail_folder import arrived
from mailed_links import doubting_token, mailed_token
from pages import PASSWORD, Browser, Site, session_ids

from webapp.setting_addresses import mail_folder
from webapp.web.context import settings_of

DEVICES = "/settings/sessions"
HISTORY = "/settings/history"
DATA = "/settings/data"
PROFILE = "/settings/profile"
EMAIL = "/settings/email"
PASSWORD_PAGE = "/settings/password"


async def everything_shown(site: Site) -> AsyncIterator[str]:
    """Give the HTML of every page and fragment in every state that changes its structure."""
    async for html in _as_visitor(site.browser()):
        yield html
    ada = site.browser()
    yield (await ada.register()).text
    async for html in _signed_in_twice(site, site.browser(), ada):
        yield html
    elsewhere = site.browser()
    yield (await elsewhere.log_in(ada.email, remember="y")).text
    async for html in _as_member(ada):
        yield html
    async for html in _through_htmx(ada):
        yield html
    async for html in _emails(site, ada):
        yield html
    async for html in _passwords(site, ada):
        yield html
    async for html in _as_developer(site, ada):
        yield html


async def _as_developer(site: Site, ada: Browser) -> AsyncIterator[str]:
    folder = mail_folder(settings_of(site.app).mail_url or "")
    (mail, *_) = await arrived(folder, ada.email)
    for path in ("/dev/mail", f"/dev/mail/{mail.name}"):
        yield (await site.browser().get(path)).text


async def _emails(site: Site, ada: Browser) -> AsyncIterator[str]:
    eve = site.browser()
    yield (await eve.get("/confirm-email/wrong")).text
    yield (await eve.get("/restore-email/wrong")).text
    yield (await eve.get("/not-me/wrong")).text
    await eve.register(name="Eve")
    yield (await ada.get(PROFILE)).text
    yield (await ada.post(PROFILE, {"name": ""})).text
    yield (await ada.htmx(PROFILE, {"name": ""}, page=PROFILE)).text
    yield (await ada.post(EMAIL, {"email": "no email"})).text
    yield (await ada.htmx(EMAIL, {"email": "no email"}, page=PROFILE)).text
    yield (await ada.htmx(f"{EMAIL}/resend", page=PROFILE)).text
    await ada.post(EMAIL, {"email": "elsewhere@example.test"})
    yield (await ada.get(PROFILE)).text
    yield (await ada.post(EMAIL, {"email": "elsewhere@example.test"})).text
    proving = f"/confirm-email/{await mailed_token(site, ada.email, 'confirm')}"
    changing = f"/confirm-email/{await mailed_token(site, ada.email, 'change', 'elsewhere@example.test')}"
    restoring = f"/restore-email/{await mailed_token(site, ada.email, 'restore')}"
    doubting = f"/not-me/{await doubting_token(site, ada.email, session_ids((await ada.get(DEVICES)).text)[0])}"
    for link in (proving, changing, restoring, doubting):
        for browser in (ada, eve, site.browser()):
            yield (await browser.get(link)).text
        yield (await ada.post(link, {"csrf_token": "stale"})).text
        yield (await ada.htmx(link, {"csrf_token": "stale"}, page=PROFILE)).text
    yield (await ada.post(proving)).text
    yield (await ada.get("/dashboard")).text
    yield (await ada.get(PROFILE)).text


async def _passwords(site: Site, ada: Browser) -> AsyncIterator[str]:
    for who in (ada, site.browser()):
        yield (await who.get("/forgot")).text
        yield (await who.post("/forgot", {"email": "no email"})).text
        yield (await who.htmx("/forgot", {"email": "no email"}, page="/forgot")).text
        yield (await who.post("/forgot", {"email": "ada@example.test"})).text
        yield (await who.htmx("/forgot", {"email": "ada@example.test"}, page="/forgot")).text
        yield (await who.get("/reset/wrong")).text
        yield (await who.htmx("/reset/wrong", {"new": PASSWORD}, page="/login")).text
        link = f"/reset/{await mailed_token(site, ada.email)}"
        yield (await who.get(link)).text
        yield (await who.post(link, {"new": "abc"})).text
        yield (await who.post(link, {"new": PASSWORD, "csrf_token": "stale"})).text
        yield (await who.htmx(link, {"new": "abc"}, page="/login")).text
    yield (await ada.get(PASSWORD_PAGE)).text
    wrong = {"current": "wrong", "new": "seven copper umbrellas"}
    for fields in ({}, {"current": PASSWORD, "new": "abc"}, {**wrong, "csrf_token": "stale"}, wrong):
        yield (await ada.post(PASSWORD_PAGE, fields)).text
        yield (await ada.htmx(PASSWORD_PAGE, fields, page=PASSWORD_PAGE)).text


async def _as_visitor(visitor: Browser) -> AsyncIterator[str]:
    for path in ("/", "/login", "/register", "/nowhere", "/dashboard"):
        yield (await visitor.get(path)).text
    for path in ("/login", "/register"):
        yield (await visitor.get(path)).text
        yield (await visitor.post(path, {"email": "no email"})).text
        yield (await visitor.post(path, {"email": "no email", "csrf_token": ""})).text
        yield (await visitor.post(path, origin="https://evil.test")).text
    yield (await visitor.log_in("nobody@example.test", "wrong")).text
    for path in ("/session/ended", "/login"):
        yield (await visitor.get(path)).text
    yield (await visitor.post("/session/again", {"email": "nobody@example.test", "password": "wrong"})).text
    yield (await visitor.look("htmx", "/session/again")).text
    yield (await visitor.post("/register/strength", {"password": "abc"})).text


async def _signed_in_twice(site: Site, browser: Browser, ada: Browser) -> AsyncIterator[str]:
    await browser.log_in(ada.email)
    await sign_in_again(site, ada, browser)
    yield (await ada.get(DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/end-others", page=DEVICES)).text


async def _as_member(ada: Browser) -> AsyncIterator[str]:
    for path in ("/dashboard", DEVICES, "/confirm", "/nowhere"):
        yield (await ada.get(path)).text
    yield (await ada.get(DATA)).text
    yield (await ada.post(f"{DATA}/erase", {"word": "no"})).text
    yield (await ada.post(f"{DATA}/export", {"csrf_token": ""})).text
    here, other = session_ids((await ada.get(DEVICES)).text)
    yield (await ada.post("/confirm", {"password": "wrong"})).text
    for session_id in (here, other):
        yield (await ada.post(f"{DEVICES}/{session_id}/name", {"name": "n" * 65})).text
        await ada.post(f"{DEVICES}/{session_id}/name", {"name": "Kitchen"})
        yield (await ada.get(DEVICES)).text
    yield (await ada.post(f"{DEVICES}/{'A' * 22}/end")).text
    yield (await ada.get(HISTORY)).text
    yield (await ada.get(f"{HISTORY}?from=1.first")).text
    yield (await ada.get("/dashboard")).text


async def _through_htmx(ada: Browser) -> AsyncIterator[str]:
    here, other = session_ids((await ada.get(DEVICES)).text)
    yield (await ada.htmx(f"{DEVICES}/{here}/name", {"name": "n" * 65}, page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/{here}/name", {"name": ""}, page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/{other}/end", {"csrf_token": "stale"}, page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/{other}/end", page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/end-others", page=DEVICES)).text
    yield (await ada.htmx(f"{DEVICES}/end-unused", page=DEVICES)).text
    yield (await ada.look("htmx", HISTORY)).text
    yield (await ada.htmx(f"{DATA}/erase", {"word": "erase", "password": "wrong"}, page=DATA)).text
    yield (await ada.htmx("/confirm", {"password": "wrong"}, page="/confirm")).text
    yield (await ada.htmx("/login", {"email": "no email", "password": PASSWORD}, page="/login")).text
    yield (await ada.htmx("/register", {"email": "no email"}, page="/register")).text
    yield (await ada.htmx("/register/strength", {"password": "abc"}, page="/register")).text
