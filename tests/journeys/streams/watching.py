"""Pages that are watched: their streams, the page that they turn to, and that nobody has reloaded them."""

from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from journeys.people import DASHBOARD, DEVICES, LOGIN, Person
from pages import session_ids
from playwright.async_api import BrowserContext, Request, Response, expect

EVENTS, ENDED, AGAIN, STAY = "/session/events", "/session/ended", "/session/again", "/session/stay"
# Names a page whose scripts have not begun anew since: what a new page does not have.
MARK = "window.untouched = true"
MARKED = "window.untouched === true"


def of_stream(message: Request | Response) -> bool:
    """Tell whether this is of a page's stream."""
    return urlsplit(message.url).path == EVENTS


async def watches(person: Person, path: str) -> Response:
    """Open a page, and wait until its stream is open; whatever happens from then on is heard. Gives the stream."""
    async with person.page.expect_response(of_stream) as opening:
        await person.open(path)
    opened = await opening.value
    assert opened.status == HTTPStatus.OK, opened.status
    await person.page.evaluate(MARK)
    return opened


async def watches_again(person: Person, path: str) -> Person:
    """Do the same in another tab of the same browser."""
    other = Person(await person.page.context.new_page(), person.email)
    await watches(other, path)
    return other


async def is_untouched(person: Person) -> None:
    """Look whether the tab still shows the very page that it was watched from, with nothing over it."""
    assert await person.page.evaluate(MARKED), person.page.url
    await expect(person.page.locator("dialog[open]")).to_have_count(0)


async def turns(person: Person, path: str, why: str) -> None:
    """Wait until the tab that was on ``path`` has turned to the page that says ``why`` nobody is signed in any more."""
    await person.page.wait_for_url(lambda url: _has_turned(url, path), wait_until="domcontentloaded")
    await person.sees(why)


async def finds_out(person: Person, path: str, why: str, *, script: bool) -> None:
    """Find out why nobody is signed in any more: the tab on ``path`` turns, or without a script the next click says."""
    if script:
        await turns(person, path, why)
    else:
        await finds_out_by_a_click(person, why)


async def finds_out_by_a_click(person: Person, why: str) -> None:
    """Follow a link, and be told why nobody is signed in any more."""
    await person.follow("Dashboard")
    await person.stands_on(f"{LOGIN}?next={DASHBOARD}")
    await person.is_told(why)


def _has_turned(url: str, path: str) -> bool:
    parts = urlsplit(url)
    return parts.path == ENDED and parse_qs(parts.query).get("next") == [path]


async def own_session(context: BrowserContext) -> str:
    """Give the public id of the session that a browser has."""
    here, *_ = session_ids(await (await context.request.get(DEVICES)).text())
    return here
