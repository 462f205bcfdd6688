"""Whatever was raised becomes an answer: a page, a notice for htmx, or a problem document (RFC 9457)."""

import logging
from dataclasses import dataclass
from http import HTTPStatus

from quart import Quart, Response
from quart_auth import Unauthorized
from werkzeug.exceptions import HTTPException

from webapp import errors
from webapp.logs.requests import current_request

from . import htmx, redirects
from .context import settings
from .countdown import wait_in_words
from .error_words import WORDS, Words
from .faces import Face, face, lead_to, problem
from .forms.account import ConfirmForm
from .forms.base import form_under_way, show_form
from .gate import StaleForm
from .guards import AlreadySignedIn, ConfirmationNeeded
from .identity import look_who_is_here, viewer
from .telling import tell_why_ended
from .templating import fragment, page

log = logging.getLogger(__name__)

# Long enough for a Redis or a database to be restarted, short enough to be waited for.
STORE_RETRY = 5
# A program has no page to take a token from. What it accepts proves nothing: any site has a browser say what it likes.
SEND_JSON = "Send this as application/json, with {} where there is nothing to tell. Nothing was done."
# A hundred in a row (NIST SP 800-63B-4, 3.2.2). Who guesses learns nothing by it, and the owner two ways in.
REFUSED = (
    "There were too many wrong passwords for this account. It still lets browsers in on which its present password was "
    "used."
)
FORGOT = "/forgot"
# After these the same form may well be accepted.
COME_BACK = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """What an answer says of what went wrong, to whichever caller."""

    status: int
    words: Words
    retry_after: int | None = None
    way_out: tuple[str, str] | None = None
    headers: tuple[tuple[str, str], ...] = ()


def install_errors(app: Quart) -> None:
    """Answer for every exception that a request can end with."""
    app.register_error_handler(Unauthorized, on_unauthorized)
    app.register_error_handler(ConfirmationNeeded, on_confirmation_needed)
    app.register_error_handler(AlreadySignedIn, on_already_signed_in)
    app.register_error_handler(StaleForm, on_stale_form)
    app.register_error_handler(errors.TooManyTries, on_too_many_tries)
    app.register_error_handler(errors.NewBrowsersRefused, on_new_browsers_refused)
    app.register_error_handler(errors.Busy, on_busy)
    app.register_error_handler(errors.StoreUnavailable, on_store_unavailable)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(Exception, on_bug)


async def on_unauthorized(_: Unauthorized) -> Response:
    """Not signed in, or no more: to the sign-in page, which says why, and back to where the person was."""
    viewer().let_cookie_be()
    why = await tell_why_ended()
    if face() is Face.JSON:
        return problem(HTTPStatus.UNAUTHORIZED, "Not signed in", why or "Sign in first; the session may have ended.")
    return lead_to(redirects.login_address(redirects.current_page()), HTTPStatus.UNAUTHORIZED)


async def on_confirmation_needed(_: ConfirmationNeeded) -> Response:
    """Ask for the password first; the act is then done by its own button, never replayed (promise 6)."""
    if face() is Face.JSON:
        detail = "Confirm your password at /confirm first, then send this again."
        return problem(HTTPStatus.FORBIDDEN, "Password confirmation needed", detail, confirm="/confirm")
    if htmx.wants_fragment():
        # Over the page, on which everything stays as it was typed.
        return show_form(ConfirmForm(), HTTPStatus.FORBIDDEN)
    return lead_to(redirects.confirm_address(redirects.current_page()), HTTPStatus.FORBIDDEN)


async def on_already_signed_in(_: AlreadySignedIn) -> Response:
    """Send somebody who is signed in from a guests' page to their own."""
    if face() is Face.JSON:
        return problem(HTTPStatus.BAD_REQUEST, "Already signed in", "Sign out first to sign in as somebody else.")
    return lead_to(redirects.HOME)


async def on_stale_form(_: StaleForm) -> Response:
    """Say that the page was open since before a sign-in or sign-out in this browser, and nothing was done."""
    if face() is Face.JSON:
        return problem(HTTPStatus.FORBIDDEN, "No form token", SEND_JSON)
    way_out = (redirects.current_page(), "Open the page again")
    return await answer(ErrorAnswer(HTTPStatus.FORBIDDEN, WORDS["stale"], way_out=way_out))


async def on_too_many_tries(error: errors.TooManyTries) -> Response:
    """Say how long to wait."""
    sentence = Words("Too many tries", f"Too many tries. You can try again {wait_in_words(error.wait)}.")
    return await answer(ErrorAnswer(HTTPStatus.TOO_MANY_REQUESTS, sentence, retry_after=error.wait))


async def on_new_browsers_refused(error: errors.NewBrowsersRefused) -> Response:
    """Say how to get in nevertheless; the same for an email that has no account."""
    message = f"{REFUSED} New browsers are let in again {wait_in_words(error.wait)}"
    way_out = (FORGOT, "Choose a new password") if settings().mail_is_sent else None
    said = Words(
        "Too many wrong passwords", f"{message}, or after a new password by mail." if way_out else f"{message}."
    )
    return await answer(ErrorAnswer(HTTPStatus.TOO_MANY_REQUESTS, said, retry_after=error.wait, way_out=way_out))


async def on_busy(error: errors.Busy) -> Response:
    """More people sign in at this moment than there is memory for."""
    return await answer(ErrorAnswer(HTTPStatus.SERVICE_UNAVAILABLE, WORDS["busy"], retry_after=error.wait))


async def on_store_unavailable(error: errors.StoreUnavailable) -> Response:
    """Redis or SQL does not answer: nobody is signed out for it, and no cookie is touched (promise 8)."""
    # One sentence: everybody who comes during an outage causes it again, and where in the driver it broke helps nobody.
    log.warning("%s%s", error, _reason(error.__cause__))
    way_out = (redirects.same_page(), "Try again")
    return await answer(ErrorAnswer(HTTPStatus.SERVICE_UNAVAILABLE, WORDS["store"], STORE_RETRY, way_out=way_out))


def _reason(cause: BaseException | None) -> str:
    # SQLAlchemy adds the statement and a link, psycopg a question, each on lines of their own.
    return "" if cause is None else f": {type(cause).__name__}: {str(cause).partition(chr(10))[0]}"


async def on_http_exception(error: HTTPException) -> Response:
    """Answer what the router, the body's reader or a handler refused."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    said = WORDS.get(str(int(status)), WORDS["other"])
    # A sentence that our own code gave says more than the general one.
    own = error.description if error.description != type(error).description else None
    headers = tuple((name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"})
    return await answer(ErrorAnswer(status, Words(said.title, own or said.message, said.hint), headers=headers))


async def on_bug(error: Exception) -> Response:
    """Our own fault: the log gets everything, the person a number to ask with."""
    log.error("This request met a bug of ours.", exc_info=error)
    return await answer(ErrorAnswer(HTTPStatus.INTERNAL_SERVER_ERROR, WORDS["500"]))


async def answer(error: ErrorAnswer) -> Response:
    """Say it in the way that the caller understands."""
    response = _form_again(error) or await _answer(error)
    response.headers.extend(list(error.headers))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _form_again(error: ErrorAnswer) -> Response | None:
    """Show the form that could not be worked on with what was typed; htmx has it still and needs only a notice."""
    form = form_under_way()
    if form is None or error.status not in COME_BACK:
        return None
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE and face() is not Face.PAGE:
        return None
    form.problem = f"{error.words.message} {error.words.hint}".strip()
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        form.wait, form.way_out = error.retry_after or 0, error.way_out
    return show_form(form, error.status)


async def _answer(error: ErrorAnswer) -> Response:
    said, number = error.words, _number_to_ask_with(error.status)
    if face() is Face.JSON:
        members = {"request_id": number} if number else {}
        return problem(error.status, said.title, said.message, **members)
    context = {
        "status": int(error.status),
        "title": said.title,
        "message": said.message,
        "hint": said.hint,
        "wait": error.retry_after or 0,
        "request_id": number,
    }
    if htmx.wants_fragment():
        return htmx.show_in_notices(fragment("errors/_notice.html", error.status, **context))
    # So that the page keeps the header that the person knows.
    await look_who_is_here()
    href, text = error.way_out or _way_out()
    return page("errors/error.html", error.status, **context, action_href=href, action_text=text)


def _number_to_ask_with(status: int) -> str:
    """Give the number under which the log tells why, where it is not the caller's doing."""
    request = current_request()
    return request.id if request is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""


def _way_out() -> tuple[str, str]:
    if viewer().known is not None:
        return redirects.HOME, "Go to your dashboard"
    return "/", "Go to the start page"
