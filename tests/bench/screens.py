"""How long a screen shows what its session was ended for: from the end to the first paint of the page that says so."""

import asyncio
import statistics
import time
from collections.abc import Callable

from bench.house import DEVELOPMENT, house
from bench.people import People, people_of
from bench.table import Row
from journeys.browsers import Browsers, chromium
from playwright.async_api import BrowserContext

# Milliseconds, in the median (issue 6).
MOST = 300
MILLISECONDS = 1000
# Set when the page's stream has said that its session is here: from then on it hears of everything.
LISTENS = "addEventListener('session-here', () => { window.hears = true })"
HEARS = "() => window.hears === true"
# The moment of the first paint, as Unix time in milliseconds; nothing before that.
PAINTED = """() => {
  const [paint] = performance.getEntriesByName('first-contentful-paint');
  return paint && location.pathname === '/session/ended' && performance.timeOrigin + paint.startTime;
}"""


async def measure_screens(times: int, tell: Callable[[str], None]) -> list[Row]:
    """End so many sessions, each while a page of it is looked at; ``tell`` is told of it."""
    tell(f"{times} screens change")
    with house(DEVELOPMENT) as site:
        async with people_of(site.settings) as people, chromium() as browser:
            browsers = Browsers(browser, site.server.url)
            waits = sorted([await _wait(await browsers.start(), people, site.server.url) for _ in range(times)])
            await browsers.close()
    if browsers.complaints:
        raise RuntimeError(f"A page complained: {browsers.complaints[0]}")
    middle = statistics.median(waits)
    beside = f"fastest {waits[0]:.0f} ms, slowest {waits[-1]:.0f} ms, {times} ends"
    what = "from the end of a session to the changed screen in Chromium, median"
    return [Row(what, f"{middle:.0f} ms", f"< {MOST} ms", middle < MOST, beside)]


async def _wait(context: BrowserContext, people: People, url: str) -> float:
    """Give the milliseconds between the end of a new session and what its browser shows then."""
    [member] = await people.let_in(1)
    name, _, value = member.cookie.partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": url}])
    await context.add_init_script(LISTENS)
    page = await context.new_page()
    await page.goto("/dashboard")
    await page.wait_for_function(HEARS)
    # Nothing of the first page is still being done.
    await asyncio.sleep(0.2)
    ended = time.time() * MILLISECONDS
    await people.end(member)
    painted = await (await page.wait_for_function(PAINTED)).json_value()
    await context.close()
    return float(painted) - ended
