"""Every way in which a session is ended by somebody."""

from collections.abc import Awaitable, Callable

from session_world import CAUSE, FIREFOX, World

from webapp.sessions.model import Cause, Started
from webapp.sessions.token import Token

End = Callable[[World, Started], Awaitable[object]]


def own(started: Started) -> Token:
    token = Token.parse(started.token)
    assert token is not None
    return token


ENDS: dict[str, tuple[End, Cause]] = {
    "end": (lambda w, s: w.service.end(s.session.account_id, s.session.id, CAUSE), CAUSE),
    "end_own": (lambda w, s: w.service.end_own(own(s)), Cause("signed-out")),
    "end_others": (lambda w, s: w.service.end_others(s.session.account_id, "", CAUSE), CAUSE),
    "end_all": (lambda w, s: w.service.end_all(s.session.account_id, Cause("operator")), Cause("operator")),
    "end_before": (
        lambda w, s: w.service.end_before(s.session.account_id, keep="", before=0, cause=Cause("password", "Tablet")),
        Cause("password", "Tablet"),
    ),
    "end_unrenewed": (
        lambda w, s: w.service.end_unrenewed(s.session.account_id, s.session.id, own(s).secret_hash, Cause("password")),
        Cause("password"),
    ),
    "replaced": (
        lambda w, s: w.sign_in(w.accounts.rows[s.session.account_id], replacing=s.token),
        Cause("replaced", FIREFOX.label),
    ),
    "replaced by another account": (
        lambda w, s: w.sign_in(w.person("Grace Hopper"), replacing=s.token),
        Cause("replaced", FIREFOX.label),
    ),
    "limit": (
        lambda w, s: w.limited_to(1).sign_in(w.accounts.rows[s.session.account_id]),
        Cause("limit", FIREFOX.label),
    ),
}
