"""Asks the deployed site, through all that stands in front of it, how the question arrived."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from urllib.parse import urljoin, urlsplit

from webapp.commands.tables import printable
from webapp.settings import Settings
from webapp.web import inquiry
from webapp.web.inquiry import Report

# Seconds for each answer; platforms wake sleeping sites within 30 s, and say 503 until then.
TIMEOUT = 10
LONGEST_ANSWER = 256 * 1024
# http to https, and a name to another spelling of it.
MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
# What a router answers when nothing behind it does.
NOBODY_BEHIND = {502, 503, 504}
# Seconds by which a clock may seem to differ: a Date has no fractions of one, and asking takes a moment.
INEXACT = 5
NOT_TOLD = (
    "It answers 404: SECRET_KEY is another one there than here, this version is not there yet, or the two clocks are "
    f"more than {inquiry.VALID_FOR} s apart"
)


class NoReport(Exception):
    """The site did not tell how the question arrived; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def leads_to(self) -> str | None:
        """Where it sends us, if it does."""
        return self.headers["location"] if self.status in REDIRECTS else None


def fetch(origin: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """GET one page of ``origin``, straight and following no redirect; raises NoReport when there is no answer."""
    parts = urlsplit(origin)
    host = printable(parts.netloc)
    try:
        return _fetch(origin, path, headers or {})
    except ssl.SSLCertVerificationError as error:
        raise NoReport(f"The certificate of {host} is not good for it: {error.verify_message}.") from None
    except ssl.SSLError as error:
        raise NoReport(f"{host} does not speak TLS as it should ({error.reason}).") from None
    except TimeoutError:
        raise NoReport(f"{host} did not answer within {TIMEOUT} s.") from None
    except (OSError, HTTPException, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise NoReport(f"{host} cannot be reached: {reason}.") from None


def _fetch(origin: str, path: str, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(origin)
    connection = (
        HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=ssl.create_default_context())
        if parts.scheme == "https"
        else HTTPConnection(parts.netloc, timeout=TIMEOUT)
    )
    try:
        connection.request("GET", path, headers={"User-Agent": "gatehouse-doctor", "Accept": "*/*", **headers})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read(LONGEST_ANSWER))
    finally:
        connection.close()


def reach(settings: Settings, origin: str) -> tuple[str, Report]:
    """Ask ``origin``, and where that leads to on the same host; give the origin that answered, and its report."""
    for _ in range(MOST_REDIRECTS):
        answer = ask(settings, origin)
        if answer.leads_to is None:
            return origin, read_report(answer)
        origin = _next(origin, answer.leads_to)
    raise NoReport(f"It redirects more than {MOST_REDIRECTS} times.")


def ask(settings: Settings, origin: str, forged: Mapping[str, str] | None = None) -> Answer:
    """Ask ``origin`` how this request arrived, with ``forged`` headers in it."""
    # Signed anew for every origin, so that none can show the signature to another.
    return fetch(origin, inquiry.PATH, {inquiry.HEADER: inquiry.sign(settings, origin), **(forged or {})})


def read_report(answer: Answer) -> Report:
    """Read what the site told; raises NoReport when it told something else."""
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NoReport(f"{NOT_TOLD}{_clocks(answer)}.")
    if answer.status in NOBODY_BEHIND:
        raise NoReport(f"It answers {answer.status}: nothing behind its router does. See the log of the site.")
    try:
        return Report.decode(answer.body)
    except ValueError:
        raise NoReport(f"It answers {answer.status} and tells nothing: is this a Gatehouse of this version?") from None


def _next(origin: str, location: str) -> str:
    try:
        there = urlsplit(urljoin(origin, location))
    except ValueError:
        raise NoReport(f"It redirects to {printable(location)}, which nobody can follow.") from None
    leads = f"{there.scheme}://{there.netloc}"
    if there.scheme not in {"http", "https"} or there.hostname != urlsplit(origin).hostname:
        raise NoReport(f"It redirects to {printable(leads)}. If that is the site, ask there.")
    if leads == origin:
        raise NoReport(f"It redirects to {printable(there.path)}: something in front wants a visit there first.")
    return leads


def _clocks(answer: Answer) -> str:
    """Say what their clock shows, where a 404 may be its fault."""
    try:
        ahead = parsedate_to_datetime(answer.headers["date"] or "").timestamp() - time.time()
    except ValueError:
        return ""
    return f" (theirs is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'})" if abs(ahead) > INEXACT else ""
