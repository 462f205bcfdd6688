"""What holds for every answer, whatever was asked."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

from pages import SESSION_COOKIE
from soak.record import Promise, Record
from soak.wire import Answer

# What the pages answer when nothing is broken: done, elsewhere, wrong, not signed in, not confirmed, not there.
USUAL = {200, 201, 303, 401, 403, 404, 422}
# The only failure that is allowed.
UNAVAILABLE = 503
# What was sent back that explains an offence best, in characters.
QUOTED = 300


def judge(record: Record, what: str, answer: Answer, *, signs_out: bool) -> None:
    """Count an answer and judge it; ``signs_out`` says that it may take the session cookie away."""
    unavailable = answer.status == UNAVAILABLE
    record.answered(what, answer.began, answer.ended, well=answer.status in USUAL)
    record.unavailable += unavailable
    if not answer.status:
        record.broke(Promise.REST, f"{what} was not answered: {answer.text}")
    elif unavailable and not answer.headers.get("Retry-After", "").isdigit():
        record.broke(Promise.REST, f"{what} was answered by 503 without Retry-After")
    elif not unavailable and answer.status not in USUAL:
        record.broke(Promise.REST, f"{what} was answered by {answer.status}", [answer.text[:QUOTED]])
    if _takes_cookie(answer) and not signs_out:
        record.broke(Promise.COOKIE, f"{what} took the session cookie away, with {answer.status}")


def _takes_cookie(answer: Answer) -> bool:
    """Tell whether it takes the cookie away: by an empty value, an age of nothing, or a date that has passed."""
    for line in answer.headers.get_list("Set-Cookie"):
        cookie = SimpleCookie(line).get(SESSION_COOKIE)
        if cookie is not None and (not cookie.value or cookie["max-age"] == "0" or _passed(cookie["expires"])):
            return True
    return False


def _passed(date: str) -> bool:
    return bool(date) and parsedate_to_datetime(date) <= datetime.now(UTC)
