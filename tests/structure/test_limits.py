"""Every route that changes something has a limit, or says why it needs none, and a new one cannot be forgotten."""

from contextlib import suppress

import pytest
from pages import ORIGIN, Site, session_ids, tags
from stores import Stores
from structure.routes import FIELDS, Caller, Route, caller_of, unsafe_routes

from webapp.errors import TooManyTries
from webapp.setting_values import Rate
from webapp.throttle.limits import BY_NETWORK, BY_SESSION, LIMITS
from webapp.web.guards import Access

# Nothing else may go without a limit by name.
UNLIMITED = {"POST /logout", "POST /logout-all", "POST /session/stay"}
LIMITED_ELSEWHERE = {"POST /login", "POST /session/again"}
NETWORK = "192.0.2.1"
LIMITED = [route for route in unsafe_routes() if route.limit and route.limit.name]


def test_every_unsafe_route_has_a_limit_or_says_why_it_has_none() -> None:
    limits = {str(route): route.limit for route in unsafe_routes()}
    assert [route for route, limit in limits.items() if limit is None] == []
    assert {route for route, limit in limits.items() if limit and limit.why} == UNLIMITED
    assert {route for route, limit in limits.items() if limit and limit.elsewhere} == LIMITED_ELSEWHERE


def test_people_who_are_not_signed_in_are_counted_by_network_and_the_others_by_session() -> None:
    for route in LIMITED:
        assert route.limit is not None
        visitors = route.access in {Access.GUESTS, Access.EVERYBODY}
        assert visitors == (route.limit.name in BY_NETWORK), route


def test_every_limit_is_used() -> None:
    assert {route.limit.name for route in LIMITED if route.limit} == set(BY_NETWORK | BY_SESSION)


# A count that comes late keeps nobody out.
@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("route", LIMITED, ids=str)
async def test_route_that_was_used_too_often_does_nothing_and_tells_the_wait_counting_down(
    route: Route, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await caller_of(route, site)
    await _use_up(route, caller, site, monkeypatch)
    before = stores.contents()
    response = await caller.browser.post(caller.path, caller.fields, origin=ORIGIN)
    assert response.status_code == 429
    assert 590 < int(response.headers["Retry-After"]) <= 600
    assert response.text.count('data-countdown="') == 1
    assert "in 10 minutes</span>" in response.text
    assert stores.contents() == before
    _assert_typed_again(route, response.text)


async def _use_up(route: Route, caller: Caller, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert route.limit is not None
    name, subject = route.limit.name, NETWORK
    if name not in BY_NETWORK:
        subject = session_ids((await caller.browser.get("/settings/sessions")).text)[0]
    monkeypatch.setitem(LIMITS, name, Rate(1, 600))
    with suppress(TooManyTries):
        await (await site.services()).limits.take(name, subject)


def _assert_typed_again(route: Route, html: str) -> None:
    """Look for what was typed in its fields, and for passwords nowhere."""
    shown = {tag["name"]: tag for tag in tags(html, "input") if "name" in tag}
    for name, value in FIELDS[route.rule].items():
        tag = shown.get(name, {"type": "none"})
        if tag["type"] in {"text", "email"}:
            assert tag["value"] == value
        if tag["type"] == "password":
            assert value not in html
