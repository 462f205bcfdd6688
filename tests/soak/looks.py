"""What people do most of the time: they look at pages, with cookies that live and with some that do not."""

from datetime import datetime
from typing import Any

from pages import session_ids
from soak.browser import LIST, Browser, Face, Meaning, Reply
from soak.people import Crowd, Device, Person
from soak.record import Promise

# How often the cookie of an ended session is tried again, as by somebody who copied it.
REPLAYS = 0.25
# Of the sessions that ended, only the last ones are tried; those before were tried often enough.
REMEMBERED = 30
WAYS: tuple[tuple[str, Face], ...] = (
    ("/dashboard", "page"),
    ("/dashboard", "json"),
    (LIST, "page"),
    (LIST, "json"),
    ("/", "page"),
)


async def look(crowd: Crowd, person: Person) -> None:
    """Open any page with any device."""
    over = [device for device in person.devices if device.session.over][-REMEMBERED:]
    devices = over if over and crowd.chance.random() < REPLAYS else person.living
    if devices:
        await look_with(person, crowd.chance.choice(devices), *crowd.chance.choice(WAYS), rudeness=crowd.rudeness)


async def look_with(person: Person, device: Device, path: str, face: Face, *, rudeness: float = 0.0) -> Reply:
    """Open one page with the cookie of one device, and hold what it shows against what is known."""
    # Not with the device's own browser, which may be in the middle of something.
    browser = Browser.holding(device.session, person.wire)
    if person.wire.chance.random() < rudeness:
        return await browser.leave(path, face)
    reply = await browser.look(path, face)
    if reply.meaning is Meaning.DONE and reply.answer.status != 303:
        _read(person, device, reply, path, face)
    return reply


def _read(person: Person, device: Device, reply: Reply, path: str, face: Face) -> None:
    began, what = reply.answer.began, reply.what
    match path, face:
        case "/dashboard", "json":
            shown = reply.json()
            _check_whose(person, device, shown, what)
            _read_session(device, shown["session"], began, what)
        case "/dashboard", "page":
            if person.account.email not in reply.answer.text:
                device.session.broke(Promise.REST, f"{what} shows another person than the one who asked")
        case "/settings/sessions", "json":
            listed = {each["id"]: each for each in reply.json()["sessions"]}
            person.sees_list(began, listed, what)
            for each in person.devices:
                if each.session.id in listed:
                    _read_session(each, listed[each.session.id], began, what)
        case "/settings/sessions", "page":
            person.sees_list(began, session_ids(reply.answer.text), what)


def _check_whose(person: Person, device: Device, shown: dict[str, Any], what: str) -> None:
    if (shown["account"]["email"], shown["session"]["id"]) != (person.account.email, device.session.id):
        device.session.broke(Promise.REST, f"{what} shows another person or session than the one who asked")


def _read_session(device: Device, shown: dict[str, Any], began: float, what: str) -> None:
    device.name.seen(began, shown["name"], what)
    device.confirmation.seen(began, int(datetime.fromisoformat(shown["confirmed"]).timestamp()), what)
