"""The history page: what happened to one's own account, newest first, in pages."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from knowing import is_known_at_last
from pages import FACES, Browser, Face, Site, is_fragment, is_page, is_problem, session_ids, tags

from webapp.errors import StoreUnavailable
from webapp.history import Event, History, Origin
from webapp.history.model import now
from webapp.web.pages import sessions
from webapp.web.pages.history import PAGE_LENGTH

PATH = "/settings/history"


async def tell(site: Site, email: str, *events: tuple[str, timedelta, dict[str, str]], **origin: str) -> None:
    """Write events of an account as happened a while ago."""
    services = await site.services()
    account = await services.accounts.find_by_email(email)
    assert account is not None
    for kind, ago, details in events:
        happened = Event(kind, account.id, now() - ago, Origin(**origin), details)  # type: ignore[arg-type]  # A kind.
        await services.history.add(happened)


async def fill(site: Site, email: str, count: int) -> None:
    """Tell of so many changes of the name: to 0 first, and to the highest number last."""
    services = await site.services()
    account = await services.accounts.find_by_email(email)
    assert account is not None
    start = now() - timedelta(days=80)
    for number in range(count):
        # Several at the same moment: a page may end between them.
        at = start + timedelta(minutes=number // 4)
        await services.history.add(
            Event("name-changed", account.id, at, details={"name": str(number)}, id=f"event-{number:04}")
        )


def names(data: dict[str, list[dict[str, dict[str, str]]]]) -> list[int]:
    """Return the numbers that ``fill`` wrote, among other lines."""
    return [int(each["details"]["name"]) for each in data["events"] if each["details"].get("name", "").isdecimal()]


async def test_history_tells_what_happened_with_the_newest_first(ada: Browser, site: Site):
    await tell(
        site,
        ada.email,
        ("ended", timedelta(hours=2), {"reason": "elsewhere", "by": "Kitchen", "name": "Hotel"}),
        ("failed", timedelta(hours=1), {"count": "3"}),
        device="phone:Safari on iPhone",
        address="203.0.113.0/24",
        place="Berlin, Germany",
    )
    page = (await ada.get(PATH)).text
    assert page.index("3 wrong passwords") < page.index("Signed out from Kitchen")
    for shown in ("Hotel", "Safari on iPhone", "203.0.113.0/24", "Berlin, Germany", "90 days"):
        assert shown in page
    times = tags(page, "time")
    assert len(times) >= 2
    assert all(tag["datetime"].endswith("Z") and "UTC" in tag["title"] for tag in times)


async def test_history_of_somebody_else_is_not_shown(ada: Browser, eve: Browser, site: Site):
    await tell(site, ada.email, ("failed", timedelta(hours=1), {"count": "41"}))
    assert "41 wrong passwords" in (await ada.get(PATH)).text
    assert "41 wrong passwords" not in (await eve.get(PATH)).text


async def test_what_is_older_than_90_days_is_not_shown(ada: Browser, site: Site):
    await tell(site, ada.email, ("failed", timedelta(days=91), {"count": "41"}))
    assert "41 wrong passwords" not in (await ada.get(PATH)).text


async def test_line_of_this_device_is_marked(ada: Browser, site: Site):
    (here,) = session_ids((await ada.get("/settings/sessions")).text)
    await tell(site, ada.email, ("password-changed", timedelta(hours=1), {}), session_id=here)
    await tell(site, ada.email, ("password-changed", timedelta(hours=2), {}), session_id="A" * 22)
    lines = (await ada.json("GET", PATH)).json()["events"]
    assert [line["current"] for line in lines if line["kind"] == "password-changed"] == [True, False]
    assert "This device" in (await ada.get(PATH)).text


async def test_renaming_a_device_is_in_the_history_before_it_is_answered(
    ada: Browser, phone: Browser, monkeypatch: pytest.MonkeyPatch
):
    moment = now()
    monkeypatch.setattr(sessions, "now", lambda: moment)
    _, other = session_ids((await ada.get("/settings/sessions")).text)
    for name in ("Pocket", ""):
        await ada.post(f"/settings/sessions/{other}/name", {"name": name})
    lines = (await ada.json("GET", PATH)).json()["events"]
    renamed = [line["said"] for line in lines if line["kind"] == "device-renamed"]
    # In one hour: the last one stands for both.
    assert renamed == ["Own name of Safari on iPhone taken away"]


async def test_name_that_a_device_has_already_is_no_news(ada: Browser, phone: Browser, site: Site):
    here, other = session_ids((await ada.get("/settings/sessions")).text)
    for session_id in (here, other):
        await ada.post(f"/settings/sessions/{session_id}/name", {"name": "Pocket"})
    before = await renamings(site, ada.email)
    assert len(before) == 2
    await ada.post(f"/settings/sessions/{other}/name", {"name": "Pocket"})
    assert await renamings(site, ada.email) == before


async def test_renaming_of_which_nothing_can_be_told_is_undone_and_told_when_it_is_tried_again(
    ada: Browser, phone: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    async def away(*_: object) -> None:
        raise StoreUnavailable("the database")

    _, other = session_ids((await ada.get("/settings/sessions")).text)
    with monkeypatch.context() as outage:
        outage.setattr(History, "add", away)
        response = await ada.post(f"/settings/sessions/{other}/name", {"name": "Pocket"})
    assert response.status_code == 503
    assert await renamings(site, ada.email) == []
    await ada.get("/settings/sessions")
    await ada.post(f"/settings/sessions/{other}/name", {"name": "Pocket"})
    assert [event.details["name"] for event in await renamings(site, ada.email)] == ["Pocket"]


async def renamings(site: Site, email: str) -> list[Event]:
    """Give the lines that tell of a device's new name, the newest first."""
    services = await site.services()
    account = await services.accounts.find_by_email(email)
    assert account is not None
    return [event for event in await services.history.page(account.id, 50) if event.kind == "device-renamed"]


@pytest.mark.parametrize("face", FACES)
async def test_pages_follow_one_another_without_a_gap_and_without_a_line_twice(face: Face, ada: Browser, site: Site):
    # Her registration is a line that must not come while the pages are turned.
    await is_known_at_last(site, ada, ada)
    count = 2 * PAGE_LENGTH + 7
    await fill(site, ada.email, count)
    found, path, pages = list[int](), PATH, 0
    while path and pages < 10:
        response = await ada.look(face, path)
        assert response.status_code == 200
        data = (await ada.json("GET", path)).json()
        found += names(data)
        if face == "json":
            path = data["older"] or ""
        else:
            assert (
                is_page(response)
                if face == "page"
                else is_fragment(response, f"history-{urlsplit(path).query[5:] or 'newest'}")
            )
            cursors = [tag["value"] for tag in tags(response.text, "input") if tag.get("name") == "from"]
            path = f"{PATH}?from={cursors[0]}" if cursors else ""
            assert len(tags(response.text, "time")) == len(data["events"]) <= PAGE_LENGTH
        pages += 1
    assert pages == 3
    assert found == sorted(range(count), reverse=True)


async def test_last_page_says_that_there_is_nothing_older(ada: Browser):
    page = await ada.get(f"{PATH}?from=1.first")
    assert page.status_code == 200
    assert "There is nothing older." in page.text
    assert f'href="{PATH}"' in page.text


BENT = [
    "x",
    "1",
    "1.",
    ".first",
    "99999999999999999.first",
    "-1.first",
    "1.first%00",
    "1.fi rst",
    "%D9%A1.first",
    "1.%F0%9F%A6%8A",
]


@pytest.mark.parametrize("bent", BENT)
@pytest.mark.parametrize("face", FACES)
async def test_bent_address_begins_with_the_newest(face: Face, bent: str, ada: Browser, site: Site):
    await tell(site, ada.email, ("failed", timedelta(hours=1), {"count": "41"}))
    response = await ada.look(face, f"{PATH}?from={bent}")
    assert response.status_code == 200
    assert "41 wrong passwords" in response.text


async def test_names_are_shown_as_text(ada: Browser, site: Site):
    name = "<img src=x onerror=alert(1)>"
    await tell(site, ada.email, ("ended", timedelta(hours=1), {"reason": "elsewhere", "by": name, "name": name}))
    assert "<img" not in (await ada.get(PATH)).text


async def test_line_of_a_later_version_is_shown_too(ada: Browser, site: Site):
    await tell(
        site, ada.email, ("passkey-added", timedelta(hours=1), {}), ("ended", timedelta(hours=2), {"reason": "later"})
    )
    page = await ada.get(PATH)
    assert page.status_code == 200
    assert "Something that this version has no words for" in page.text


async def test_history_holds_no_link_and_no_browser(ada: Browser, site: Site):
    services = await site.services()
    account = await services.accounts.find_by_email(ada.email)
    assert account is not None
    secret, browser = "hash-of-a-token", "hash-of-a-browser"
    await services.history.add(
        Event("signed-in", account.id, now(), browser=browser, token_hash=secret, token_until=now())
    )
    for face in FACES:
        text = (await ada.look(face, PATH)).text
        assert secret not in text
        assert browser not in text


@pytest.mark.parametrize("face", FACES)
async def test_history_is_for_people_who_are_signed_in(face: Face, browser: Browser):
    response = await browser.look(face, PATH)
    if face == "page":
        assert (response.status_code, response.headers["Location"]) == (303, f"/login?next={PATH}")
    elif face == "htmx":
        assert (response.status_code, response.headers["HX-Redirect"]) == (401, f"/login?next={PATH}")
    else:
        assert is_problem(response, 401)


async def test_further_lines_take_away_what_was_told_before(ada: Browser, site: Site):
    """A failure that was overcome is not left standing above the list."""
    await fill(site, ada.email, PAGE_LENGTH + 1)
    older = (await ada.json("GET", PATH)).json()["older"]
    (region,) = (tag for tag in tags((await ada.look("htmx", older)).text, "div") if tag.get("id") == "notices")
    assert region["hx-swap-oob"] == "innerHTML"
    assert '<div class="notice ' not in (await ada.look("htmx", older)).text
