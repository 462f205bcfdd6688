"""A tab that is hidden for a moment, while it takes in what its stream has said: it watches again as soon as it can."""

import pytest
from journeys.people import DEVICES, PROFILE, elsewhere
from journeys.streams.tabs import HIDDEN, Tab, Window
from journeys.streams.watching import of_stream, watches
from own_redis import SLOW

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

# Keeps hx-sse within the next message until it is let go, and has it wait for an hour where it thinks that a server is
# in trouble: what comes back within a test has not waited.
HOLD_MESSAGE = """() => {
  const stream = document.getElementById("session-stream");
  window.held = new Promise((holds) => stream.addEventListener("htmx:sse:before:message", (event) => {
    event.detail.connection.config.reconnectDelay = 3_600_000;
    event.detail.connection.config.reconnectMaxDelay = 3_600_000;
    event.detail.waitUntil(new Promise((go) => (window.letGo = go)));
    holds();
  }, { once: true }));
}"""


async def test_tab_that_is_hidden_for_a_moment_watches_again_at_once(window: Window) -> None:
    ada: Tab = await window.tab()
    await ada.register()
    await watches(ada, DEVICES)
    await ada.page.evaluate(HOLD_MESSAGE)
    await elsewhere(window, ada)
    await ada.page.evaluate("window.held")
    await window.tab(PROFILE, email=ada.email)
    await ada.is_now(HIDDEN)
    await ada.show()
    async with ada.page.expect_response(of_stream):
        await ada.page.evaluate("window.letGo()")
    await ada.sees_devices(2)
