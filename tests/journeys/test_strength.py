"""What is said of a password while it is typed; the answer never holds it."""

from urllib.parse import parse_qs

import pytest
from journeys.browsers import Browsers
from journeys.people import PASSWORD_PAGE, Person
from pages import PASSWORD
from playwright.async_api import Request, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEAK = "lantern7"
WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => entry.value)))
        .observe({type: "layout-shift", buffered: true});
"""


async def test_hint_appears_while_typing_without_holding_the_password(browsers: Browsers) -> None:
    visitor = Person(await browsers.open())
    answers: list[Request] = []
    visitor.page.on("requestfinished", lambda each: answers.append(each) if each.url.endswith("/strength") else None)
    await visitor.open("/register")
    await visitor.fill(Name="Ada Lovelace", Email=visitor.email)
    await is_judged(visitor, "none")
    field = visitor.page.get_by_label("Password", exact=True)
    for typed, verdict in ((WEAK, "weak"), (PASSWORD, "good"), (visitor.email, "weak")):
        await field.fill("")
        await field.press_sequentially(typed)
        await is_judged(visitor, verdict)
        await expect(field).to_be_focused()
        await expect(field).to_have_value(typed)
    # Only those that came whole: an answer that a later one overtakes is broken off.
    bodies = [await response.text() for each in answers if (response := await each.response()) is not None]
    assert len(bodies) >= 3
    assert [body for body in bodies if WEAK in body or PASSWORD in body or visitor.email in body] == []


async def test_check_while_typing_takes_the_current_password_nowhere(browsers: Browsers) -> None:
    ada = Person(await browsers.open())
    await ada.register()
    await ada.open(PASSWORD_PAGE)
    sent: list[dict[str, list[str]]] = []
    ada.page.on("request", lambda request: sent.append(fields_of(request)) if "/strength" in request.url else None)
    await ada.page.get_by_label("Current password", exact=True).fill(PASSWORD)
    await ada.page.get_by_label("New password", exact=True).press_sequentially(WEAK)
    await is_judged(ada, "weak")
    assert sent
    for fields in sent:
        assert [text for texts in fields.values() for text in texts if PASSWORD in text] == []
        assert {name for name, texts in fields.items() if any(texts)} <= {"csrf_token", "username", "new"}
    # What was typed stays where it was.
    await expect(ada.page.get_by_label("Current password", exact=True)).to_have_value(PASSWORD)


def fields_of(request: Request) -> dict[str, list[str]]:
    """Return what a request carries."""
    return parse_qs(request.post_data or "", keep_blank_values=True)


async def test_hint_moves_nothing(browsers: Browsers) -> None:
    visitor = Person(await browsers.open())
    for width in (1280, 360):
        await visitor.page.set_viewport_size({"width": width, "height": 900})
        await visitor.open("/register")
        await visitor.page.evaluate(WATCH_SHIFTS)
        for typed, verdict in ((WEAK, "weak"), (PASSWORD, "good"), ("", "none")):
            await visitor.fill(Password=typed)
            await is_judged(visitor, verdict)
        assert await visitor.page.evaluate("window.shifts") == [], width


async def is_judged(person: Person, verdict: str) -> None:
    await person.page.locator(f"#strength[data-verdict={verdict}]").wait_for()
