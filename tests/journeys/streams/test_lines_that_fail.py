"""Streams that never begin, that end at once, or that are lost without a word: nobody sees it, and pages come back."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest
from journeys.browsers import STREAMS, Browsers
from journeys.people import DASHBOARD, Person, newcomer
from journeys.streams.watching import ENDED, is_untouched, of_stream, watches
from journeys.streams.wire import KIND
from playwright.async_api import Request, Route, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What a page does with its stream, for those who wait for it.
NOTES = """window.noted = {};
for (const name of ["htmx:finally:request", "htmx:sse:before:connection", "htmx:sse:close"])
  document.addEventListener(name, () => { window.noted[name] = (window.noted[name] ?? 0) + 1 })"""
ANSWERED, CONNECTING, CLOSED = "htmx:finally:request", "htmx:sse:before:connection", "htmx:sse:close"
# As session.js tells them apart: so many streams that end at once, and a page rests.
SEVERAL = 3
# What hx-sse says when the server's breath comes, which would take 20 s.
BREATHE = """() => {
  const stream = document.getElementById("session-stream"), { sse: connection } = stream._htmx;
  const detail = { connection, message: { data: "", event: "breath" }, waitUntil() {} };
  stream.dispatchEvent(new CustomEvent("htmx:sse:before:message", { detail, cancelable: true }));
}"""
# Longer than the silence that a page bears.
LONG = "01:00"

Answer = Callable[[Route], Awaitable[None]]


async def meets(person: Person, answer: Answer) -> list[Request]:
    """Have the person's streams answered so; gives all requests of the page from then on."""
    sent: list[Request] = []

    def note(request: Request) -> None:
        sent.append(request)

    await person.page.add_init_script(NOTES)
    await person.page.route(STREAMS, answer)
    person.page.on("request", note)
    return sent


async def is_left_alone(person: Person) -> None:
    """Let the last answer be given before the browser closes: else it fails, and in the middle of another test."""
    await person.page.unroute_all(behavior="wait")


async def has_noted(person: Person, event: str) -> None:
    """Wait until the page has come that far with its stream."""
    await person.page.wait_for_function("event => window.noted[event]", arg=event)


def streams(sent: list[Request]) -> int:
    """Count the streams that were asked for."""
    return sum(map(of_stream, sent))


async def ends_at_once(route: Route, *messages: str) -> None:
    body = "".join(f"{message}\n\n" for message in (":", *messages))
    await route.fulfill(status=HTTPStatus.OK, content_type=KIND, body=body)


@pytest.mark.parametrize("status", [200, 403, 404, 500])
async def test_answer_that_is_no_stream_is_shown_to_nobody(browsers: Browsers, status: int) -> None:
    async def answer(route: Route) -> None:
        # As a server of the version before answers addresses that it does not know.
        told = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
        await route.fulfill(status=status, headers=told, content_type="text/html", body="<p>There is no such page.</p>")

    ada = await newcomer(browsers)
    await meets(ada, answer)
    await ada.open(DASHBOARD)
    await has_noted(ada, ANSWERED)
    await expect(ada.page.locator("#notices")).to_be_empty()
    await expect(ada.page.get_by_text("There is no such page.")).to_have_count(0)


async def test_streams_that_are_cut_again_and_again_are_tried_seldom_until_the_network_is_back(
    browsers: Browsers,
) -> None:
    async def answer(route: Route) -> None:
        facts = """({ dataset: { account, session } }) => JSON.stringify({ account, session, csrf: "x", shared: "" })"""
        here = await ada.page.locator("#session-stream").evaluate(facts)
        await ends_at_once(route, f"retry: 10\nevent: session-here\ndata: {here}")

    ada = await newcomer(browsers)
    sent = await meets(ada, answer)
    await ada.open(DASHBOARD)
    await has_noted(ada, CLOSED)
    assert streams(sent) == SEVERAL
    # They have said that the session lives: nobody has to be asked.
    assert not [request for request in sent if ENDED in request.url]
    async with ada.page.expect_request(of_stream):
        await ada.page.evaluate("window.dispatchEvent(new Event('online'))")
    await is_left_alone(ada)


async def test_proxy_that_passes_on_no_streams_and_answers_with_its_own_words_does_no_harm(browsers: Browsers) -> None:
    async def answer(route: Route) -> None:
        await ends_at_once(route, "retry: 10")

    async def words(route: Route) -> None:
        await route.fulfill(status=HTTPStatus.OK, content_type="text/html", body="<p>Please wait.</p>")

    ada = await newcomer(browsers)
    await meets(ada, answer)
    await ada.page.route(f"**{ENDED}", words)
    async with ada.page.expect_response(f"**{ENDED}") as asking:
        await ada.open(DASHBOARD)
    await (await asking.value).finished()
    await has_noted(ada, CLOSED)
    # An exception in the page would be a complaint.
    await ada.stands_on(DASHBOARD)
    await is_left_alone(ada)


async def test_line_that_is_still_for_too_long_is_followed_by_another_at_once(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await ada.page.clock.install()
    await ada.page.add_init_script(NOTES)
    await watches(ada, DASHBOARD)
    # A server that does not breathe so that it is heard may be as still as it likes.
    await ada.page.clock.fast_forward(LONG)
    await asyncio.gather(*(ada.page.evaluate("new Promise(done => setTimeout(done))") for _ in range(SEVERAL)))
    assert await ada.page.evaluate("name => window.noted[name]", CONNECTING) == 1
    await ada.page.evaluate(BREATHE)
    async with ada.page.expect_response(of_stream) as opening:
        await ada.page.clock.fast_forward(LONG)
    assert (await opening.value).ok
    await is_untouched(ada)
