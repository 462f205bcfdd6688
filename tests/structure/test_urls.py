"""Every route is guarded, by default for people who are signed in, and a new one cannot be forgotten."""

from http import HTTPStatus

import pytest
from pages import ORIGIN, Site
from stores import Stores
from structure.routes import Route, caller_of, member_routes, routes, safe_routes, unsafe_routes

from webapp.web.guards import Access

# To open a route to people who are not signed in, add it here. Everything else is for members.
OPEN = {
    "GET /": Access.GUESTS,
    "GET /register": Access.GUESTS,
    "POST /register": Access.GUESTS,
    "POST /register/strength": Access.EVERYBODY,
    "GET /login": Access.GUESTS,
    "POST /login": Access.GUESTS,
    # Somebody who is signed in may have forgotten theirs, too.
    "GET /forgot": Access.EVERYBODY,
    "POST /forgot": Access.EVERYBODY,
    "GET /reset/<token>": Access.EVERYBODY,
    "POST /reset/<token>": Access.EVERYBODY,
    # Over a page whose session is over, and what it says of that.
    "GET /session/again": Access.EVERYBODY,
    "POST /session/again": Access.GUESTS,
    "GET /session/events": Access.EVERYBODY,
    "GET /session/ended": Access.EVERYBODY,
    # Answers the same when the session was dead already.
    "POST /logout": Access.EVERYBODY,
    # Links from mails: whoever reads the mail may use them, on any device.
    "GET /confirm-email/<token>": Access.EVERYBODY,
    "POST /confirm-email/<token>": Access.EVERYBODY,
    "GET /restore-email/<token>": Access.EVERYBODY,
    "POST /restore-email/<token>": Access.EVERYBODY,
    "GET /not-me/<token>": Access.EVERYBODY,
    "POST /not-me/<token>": Access.EVERYBODY,
    "GET /.well-known/change-password": Access.EVERYBODY,
    # In development only, see tests/web/test_dev_mail.py.
    "GET /dev/mail": Access.EVERYBODY,
    "GET /dev/mail/<name>": Access.EVERYBODY,
    "GET /dev/mail/<name>/html": Access.EVERYBODY,
    "GET /healthz": Access.EVERYBODY,
    "GET /readyz": Access.EVERYBODY,
    "GET /static/<path:path>": Access.EVERYBODY,
}
CLOSED = {
    "GET /confirm": Access.MEMBERS,
    "POST /confirm": Access.MEMBERS,
    "GET /dashboard": Access.MEMBERS,
    "POST /logout-all": Access.RECENTLY_CONFIRMED,
    "GET /session/stay": Access.MEMBERS,
    "POST /session/stay": Access.MEMBERS,
    "GET /settings": Access.MEMBERS,
    "GET /settings/data": Access.MEMBERS,
    "POST /settings/data/export": Access.MEMBERS,
    "POST /settings/data/erase": Access.MEMBERS,
    "GET /settings/profile": Access.MEMBERS,
    "POST /settings/profile": Access.MEMBERS,
    "GET /settings/email": Access.MEMBERS,
    "GET /settings/email/cancel": Access.MEMBERS,
    "GET /settings/email/resend": Access.MEMBERS,
    "GET /settings/data/export": Access.MEMBERS,
    "GET /settings/data/erase": Access.MEMBERS,
    "GET /settings/sessions/<session_id>/end": Access.MEMBERS,
    "GET /settings/sessions/browsers/<browser>/end": Access.MEMBERS,
    "GET /settings/sessions/end-others": Access.MEMBERS,
    "GET /settings/sessions/end-unused": Access.MEMBERS,
    "GET /settings/sessions/<session_id>/name": Access.MEMBERS,
    "POST /settings/email": Access.MEMBERS,
    "POST /settings/email/cancel": Access.MEMBERS,
    "POST /settings/email/resend": Access.MEMBERS,
    "GET /settings/password": Access.MEMBERS,
    "POST /settings/password": Access.MEMBERS,
    "GET /settings/sessions": Access.MEMBERS,
    "GET /settings/history": Access.MEMBERS,
    "POST /settings/sessions/<session_id>/end": Access.RECENTLY_CONFIRMED,
    "POST /settings/sessions/browsers/<browser>/end": Access.RECENTLY_CONFIRMED,
    "POST /settings/sessions/end-others": Access.RECENTLY_CONFIRMED,
    "POST /settings/sessions/end-unused": Access.RECENTLY_CONFIRMED,
    "POST /settings/sessions/<session_id>/name": Access.MEMBERS,
}
# Who opens these is told that they take no GET: a link must not seem to sign out, and htmx alone asks the third.
WITHOUT_PAGE = {"/logout", "/logout-all", "/register/strength"}
DONE = {200, 201, 303}
FOREIGN = ({"origin": "https://evil.test"}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"})


def each(found: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", found, ids=str)


def test_routes_are_open_and_closed_as_the_contract_says() -> None:
    assert {str(route): route.access for route in routes()} == OPEN | CLOSED


def test_paths_answer_no_other_method_than_the_contract_names() -> None:
    assert {route.method for route in routes()} <= {"GET", "POST"}


def test_address_at_which_a_form_comes_back_can_be_opened_as_well() -> None:
    """Without JavaScript people stand there afterwards: they reload it, bookmark it, and come back to it."""
    opened = {route.rule for route in safe_routes()}
    assert {route.rule for route in unsafe_routes()} - opened == WITHOUT_PAGE


@each([route for route in safe_routes() if route.rule in {other.rule for other in unsafe_routes()}])
async def test_address_at_which_a_form_comes_back_leads_to_a_page(route: Route, site: Site) -> None:
    caller = await caller_of(route, site)
    response = await caller.browser.get(caller.path)
    if response.status_code == HTTPStatus.SEE_OTHER:
        response = await caller.browser.get(response.headers["Location"])
    assert response.status_code == HTTPStatus.OK


@each(unsafe_routes())
async def test_unsafe_route_with_a_good_token_is_done(route: Route, site: Site) -> None:
    """The tests below would prove nothing if these requests failed for another reason."""
    caller = await caller_of(route, site)
    response = await caller.browser.post(caller.path, caller.fields, origin=ORIGIN)
    assert response.status_code in DONE, response.text


@each(unsafe_routes())
async def test_unsafe_route_from_another_site_is_refused_and_writes_nothing(
    route: Route, site: Site, stores: Stores
) -> None:
    caller = await caller_of(route, site)
    before = stores.everything()
    for headers in FOREIGN:
        response = await caller.browser.post(caller.path, caller.fields, **headers)
        assert response.status_code == 403, headers
        response = await caller.browser.client.post(caller.path, json=caller.fields, headers={"Origin": "null"})
        assert response.status_code == 403
    assert stores.everything() == before


@each(unsafe_routes())
async def test_unsafe_route_without_a_token_of_this_browser_is_refused_and_writes_nothing(
    route: Route, site: Site, stores: Stores
) -> None:
    caller = await caller_of(route, site)
    stranger = site.browser()
    await stranger.get("/login")
    before = stores.everything()
    for token in ("", stranger.token, caller.browser.token[:-1] + "é"):
        fields = {**caller.fields, "csrf_token": token}
        response = await caller.browser.post(caller.path, fields)
        assert response.status_code == (422 if route.asks_again else 403), token
        assert "password" not in caller.fields or caller.fields["password"] not in response.text
    assert stores.everything() == before


@each(safe_routes())
async def test_safe_route_writes_nothing(route: Route, site: Site, stores: Stores) -> None:
    caller = await caller_of(route, site)
    member, visitor = site.browser(), site.browser()
    await member.register()
    before = stores.everything()
    for browser in (caller.browser, member, visitor):
        for method in ("GET", "HEAD"):
            response = await browser.client.request(method, caller.path)
            assert response.status_code < 500
    assert stores.everything() == before


@each(member_routes())
async def test_member_route_of_somebody_not_signed_in_leads_to_the_login_page(route: Route, site: Site) -> None:
    path, visitor = route.path("A" * 22), site.browser()
    page = await visitor.client.request(route.method, path)
    assert page.status_code == 303
    assert page.headers["Location"].startswith("/login?next=/")
    standing = {"HX-Request": "true", "HX-Current-URL": f"{ORIGIN}/settings/sessions"}
    fragment = await visitor.client.request(route.method, path, headers=standing)
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"] == "/login?next=/settings/sessions"
    assert fragment.text == ""
    program = await visitor.json(route.method, path)
    assert program.status_code == 401
    assert program.headers["Content-Type"] == "application/problem+json"


@each(unsafe_routes())
async def test_unsafe_route_answers_htmx_with_a_piece_of_a_page_and_programs_with_json(
    route: Route, site: Site
) -> None:
    for token in ("", None):
        caller = await caller_of(route, site)
        fields = {**caller.fields, **({} if token is None else {"csrf_token": token})}
        fragment = await caller.browser.htmx(caller.path, fields, page="/settings/sessions")
        assert "<html" not in fragment.text
        assert fragment.text or fragment.headers["HX-Redirect"].startswith("/")
    caller = await caller_of(route, site)
    program = await caller.browser.json("POST", caller.path, {})
    assert program.headers["Content-Type"] in {"application/json", "application/problem+json"}
