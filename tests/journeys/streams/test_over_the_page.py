"""What lies over a page, or moves in it, while somebody is about to press a key or a button."""

import asyncio
from http import HTTPStatus

import pytest
from journeys.browsers import STREAMS, Browsers
from journeys.people import DEVICES, IPHONE, LOGIN, PROFILE, Person, newcomer, send, signed_in_elsewhere
from journeys.streams.watching import AGAIN, is_untouched, watches
from journeys.streams.wire import KIND
from pages import PASSWORD
from playwright.async_api import Locator, Route, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEAVE = "Leave this page and sign in anew"
NO_ANSWER = "The server did not answer."
# Notes that the stream has begun to speak.
HEARD = "document.addEventListener('session-here', () => { window.heard = true })"
# What the stream tells of, without the minutes until then.
OVER = "htmx.trigger('#again', 'session-over')"
EARLY = """document.getElementById("main").insertAdjacentHTML("beforeend",
  "<button type=button data-signs-in-again>Early</button>")"""
# Counts the lists that come by the stream, and those of them that are put into the page.
COUNT = """window.lists = window.swaps = 0;
document.addEventListener("htmx:sse:before:message", ({ detail }) => {
  if (detail.message.data.includes('hx-target="#sessions"')) window.lists += 1;
});
document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (detail.ctx.sourceElement.id === "session-stream") window.swaps += 1;
})"""
# Whether the dialog lay over the notices whenever something came into them.
LISTEN = """window.over = []; new MutationObserver(() => {
  if (document.getElementById("notices").textContent.trim()) window.over.push(document.getElementById("again").open);
}).observe(document.getElementById("notices"), { childList: true })"""
# Another tab of the browser has made the forms of this page its own.
HERE = """() => {
  const stream = document.getElementById("session-stream"), { account, session } = stream.dataset;
  htmx.trigger(stream, "session-here", { account, session, csrf: "another", shared: "" });
}"""
ENDING = (
    '<hx-partial hx-target="#session-ending" hx-swap="innerMorph"><div class="notice ending" id="ending">'
    '<p>Soon</p><button id="ending-act" type="button">Stay signed in</button></div></hx-partial>'
)
# Notes what a pointer would press in the very moment in which the list has moved.
AIM = """new MutationObserver((changes, aim) => {
  const button = document.querySelector("#sessions li.session:not(.session-current) button.button-danger");
  if (!button) return;
  aim.disconnect();
  button.scrollIntoView();
  const { x, y } = button.getBoundingClientRect(), hit = document.elementFromPoint(x + 5, y + 5);
  window.hit = Boolean(hit?.closest("#sessions"));
}).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] })"""


async def looks_at_her_profile(browsers: Browsers, script: str = "") -> Person:
    """Return Ada in front of a page whose stream has said that the session lives; ``script`` runs before the page's."""
    ada = await newcomer(browsers)
    await ada.page.add_init_script(f"{HEARD}; {script}")
    await watches(ada, PROFILE)
    await ada.page.wait_for_function("() => window.heard")
    return ada


def again(person: Person) -> Locator:
    return person.page.locator("#again")


async def signs_in(person: Person) -> None:
    await again(person).get_by_label("Password", exact=True).fill(PASSWORD)
    await again(person).get_by_role("button", name="Sign in", exact=True).click()


async def test_key_that_is_pressed_before_the_form_is_there_leads_nowhere(browsers: Browsers) -> None:
    coming = asyncio.Event()

    async def hold(route: Route) -> None:
        await coming.wait()
        await route.continue_()

    ada = await looks_at_her_profile(browsers)
    await ada.page.route(f"**{AGAIN}", hold)
    await ada.page.evaluate(OVER)
    await ada.has_focus_in("#again-title")
    await ada.sees("One moment…", within="#again")
    await expect(again(ada).get_by_text(LEAVE)).to_be_hidden()
    coming.set()
    await ada.has_focus_in("#again-password")
    await expect(again(ada).get_by_text(LEAVE)).to_be_visible()
    await is_still_there(ada)


async def is_still_there(person: Person) -> None:
    assert await person.page.evaluate("window.untouched === true")


async def test_form_that_does_not_come_is_told_of_and_comes_later(browsers: Browsers) -> None:
    async def be_away(route: Route) -> None:
        # As a platform's router answers.
        await route.fulfill(status=HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/html", body="<p>H12</p>")

    ada = await looks_at_her_profile(browsers)
    await ada.page.route(f"**{AGAIN}", be_away, times=1)
    await ada.page.evaluate(OVER)
    await ada.sees(NO_ANSWER, within="#again-notices")
    await ada.has_focus_in("#again-password")
    await expect(ada.page.locator("#again-notices")).to_be_empty()
    await again(ada).get_by_label("Email").fill("")
    await signs_in(ada)
    await ada.sees("Please enter your email.", within="#again")
    await again(ada).get_by_label("Email").fill(ada.email)
    await ada.page.evaluate(LISTEN)
    await signs_in(ada)
    await ada.is_told("You are signed in again.")
    await expect(again(ada)).to_be_hidden()
    await ada.page.wait_for_function("() => window.over.at(-1) === false")


async def test_dialog_that_is_opened_again_has_its_form_filled_even_in_a_browser_without_channels(
    browsers: Browsers,
) -> None:
    coming = asyncio.Event()

    async def hold(route: Route) -> None:
        await coming.wait()
        await route.continue_()

    ada = await looks_at_her_profile(browsers, "delete window.BroadcastChannel")
    await ada.page.evaluate(EARLY)
    await ada.page.route(f"**{AGAIN}", hold, times=1)
    await ada.press("Early")
    await again(ada).get_by_role("button", name="Not now").click()
    coming.set()
    await again(ada).locator("#again-form").wait_for(state="attached")
    await ada.press("Early")
    await expect(again(ada).get_by_label("Email")).to_have_value(ada.email)
    token = again(ada).locator("input[name=csrf_token]")
    own = await token.input_value()
    await ada.page.evaluate(HERE)
    await expect(ada.page.locator("main input[name=csrf_token]").first).to_have_value("another")
    await expect(token).to_have_value(own)
    await signs_in(ada)
    await ada.is_told("You are signed in again.")
    await is_untouched(ada)


async def test_notice_that_the_session_ends_can_be_pressed_over_a_question(browsers: Browsers) -> None:
    asked = asyncio.Event()

    async def answer(route: Route) -> None:
        await asked.wait()
        await route.fulfill(status=HTTPStatus.OK, content_type=KIND, body=f":\n\ndata: {ENDING}\n\n")

    ada = await newcomer(browsers)
    await ada.page.route(STREAMS, answer, times=1)
    await ada.open(DEVICES)
    await ada.press("Sign out everywhere", within="#sessions")
    await expect(ada.page.locator("#confirm-all")).to_be_visible()
    asked.set()
    act = ada.page.locator("#confirm-all #ending-act")
    await act.focus()
    await expect(act).to_be_focused()
    await act.click()
    await ada.press("Cancel", within="#confirm-all")
    await expect(ada.page.locator("main > #session-ending > #ending")).to_be_visible()


async def test_list_that_her_own_act_has_brought_is_not_told_of_once_more(browsers: Browsers) -> None:
    async def answer_late(route: Route) -> None:
        answer = await route.fetch()
        # The stream says the same by then, and waits for this answer.
        await ada.page.wait_for_function("() => window.lists")
        await route.fulfill(response=answer)

    ada = await newcomer(browsers)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await watches(ada, DEVICES)
    await ada.page.evaluate(COUNT)
    await ada.page.route(f"**{DEVICES}/*/end", answer_late)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
    # What comes next comes after it.
    await send(phone, LOGIN, email=ada.email, password=PASSWORD)
    await ada.sees_devices(2)
    assert await ada.page.evaluate("[window.lists, window.swaps]") == [2, 1]


async def test_list_that_has_just_moved_is_pressed_by_keys_only(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await watches(ada, DEVICES)
    await ada.sees_devices(1)
    await ada.page.evaluate(AIM)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.page.wait_for_function("() => window.hit !== undefined")
    assert await ada.page.evaluate("window.hit") is False
    # A moment later it is as it was.
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
