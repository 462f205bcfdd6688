"""What a visitor of the deployed site meets: is it ready, and does the sign-in page set its cookie."""

from http import HTTPStatus

from webapp.commands.tables import printable
from webapp.settings import Settings

from .findings import Finding, ok, wrong
from .journey import travel
from .judgement import judge
from .site import NoReport, fetch

LONGEST_SHOWN = 200


def examine(settings: Settings, origin: str) -> list[Finding]:
    """Ask the site at ``origin`` how requests arrive, and visit it; blocks until it has answered."""
    found: list[Finding] = []
    try:
        journey = travel(settings, origin)
        found += judge(journey, settings)
        found.append(_ready(journey.origin))
        found.append(_sign_in_page(journey.plain.public_url))
    except NoReport as failure:
        found.append(wrong(f"{origin}: {failure}"))
    return found


def _ready(origin: str) -> Finding:
    answer = fetch(origin, "/readyz")
    if answer.status == HTTPStatus.OK:
        return ok("It says that it is ready (/readyz).")
    said = printable(answer.body.decode(errors="replace")[:LONGEST_SHOWN].strip().replace("\n", "; "))
    return wrong(f"It is not ready (/readyz answers {answer.status}): {said}")


def _sign_in_page(public_url: str) -> Finding:
    answer = fetch(public_url, "/login")
    cookies = answer.headers.get_all("set-cookie") or []
    if answer.leads_to is not None:
        return wrong(f"{public_url}/login leads to {printable(answer.leads_to)}, and nobody gets to sign in there.")
    if answer.status != HTTPStatus.OK:
        return wrong(f"{public_url}/login answers {answer.status}: nobody can sign in.")
    secure = public_url.startswith("https:")
    if not cookies or (secure and not all(_is_safe(cookie) for cookie in cookies)):
        return wrong(f"{public_url}/login sets no cookie that a browser keeps; something in front changes its headers.")
    return ok(f"The sign-in page sets its cookie{', Secure and __Host-' if secure else ''}.")


def _is_safe(cookie: str) -> bool:
    return cookie.startswith("__Host-") and "; secure" in cookie.lower()
