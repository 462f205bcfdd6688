"""Everything about one person, as one document."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from webapp.accounts import emails
from webapp.accounts.links import Link
from webapp.accounts.model import Account
from webapp.history import Event
from webapp.outbox import Entry
from webapp.sessions.model import Session
from webapp.wiring import Services

# What a waiting mail makes its link of.
SEED, HASH = "seed", "hash"
# By which browser a session that is looked after was begun.
BROWSER = "browser"

_OF_A_CREDENTIAL = "Whoever has it could try to find the secret that it belongs to; of you it tells nothing."
_OF_A_COOKIE = "It is a part or a fingerprint of a cookie that is in your browser, and tells nothing else of you."
_OF_A_RENEWAL = "It says when a cookie of your browser was last replaced, which happens by itself while it is used."
_OF_THE_HISTORY = "Of a session that was ended, the history tells when it began and ended, why, and from which device."
_OF_AN_ENDED_SESSION = "It is a number of a session that was ended, without which its browser could not be told why."
_NOT_YOURS_ALONE = (
    "It is kept under a network and a fingerprint of the email, not under an account, and may be the doing of others. "
    "It goes by itself within the time that /settings/data tells."
)
# What is kept and not in the document, and why; a test knows that this is all.
NOT_INCLUDED: Mapping[str, str] = {
    "account.password_hash": _OF_A_CREDENTIAL,
    "link.token_hash": _OF_A_CREDENTIAL,
    "event.token_hash": _OF_A_CREDENTIAL,
    "event.browser": _OF_A_COOKIE,
    **{f"known_browser.{name}": _OF_A_COOKIE for name in ("name", "secret", "previous")},
    "outbox.body.browser": _OF_A_COOKIE,
    "session.browser": _OF_A_COOKIE,
    **{f"session.{name}": _OF_A_CREDENTIAL for name in ("hash", "next", "next_before", "old", "older", "spent")},
    "session.renewed": _OF_A_RENEWAL,
    "session.until": _OF_A_RENEWAL,
    "session.asked": "It is of a network that you used a moment ago; the address that was used last is included.",
    "ended_session": "Until the history has the end of a session, seconds later as a rule, all that it was is left; "
    "then only what follows here.",
    **{f"ended_session.{name}": _OF_A_CREDENTIAL for name in ("was", "next", "next_before", "old", "older")},
    **{f"ended_session.{name}": _OF_THE_HISTORY for name in ("created", "reason", "by", "at")},
    **{f"ended_session.{name}": _OF_AN_ENDED_SESSION for name in ("seen", "confirmed", "idle", "expires")},
    "ended_session.renewed": _OF_A_RENEWAL,
    "sessions.due": "It says until when nothing of your sessions is over, which each of them says for itself.",
    f"outbox.body.{SEED}": "The link of a mail that waits is made of it; you get the link with the mail.",
    f"outbox.body.{HASH}": _OF_A_CREDENTIAL,
    "outbox.claimed_until": "It says until when one of our servers is busy, and nothing about you.",
    "done": "Each is a random text that says that something was done, not what; it is about no person.",
    "throttle": _NOT_YOURS_ALONE,
    "throttle:mails": "It says when mails to a fingerprint of the email were asked for, and not by whom. It goes by "
    "itself within the time that /settings/data tells.",
    "cookies": "They are in your browser, where you can look at them. We keep no copy.",
    "log": "It is kept outside of the program; those who run this site can search it for the id of your account.",
    "mails": "Those that were sent are in your inbox.",
}


async def export(services: Services, account_id: str) -> dict[str, Any] | None:
    """Give everything about one person; None when the account is gone. Raises StoreUnavailable."""
    account = await services.accounts.find(account_id)
    if account is None:
        return None
    email_key = emails.normalise(account.email)
    links = await services.accounts.links_of(account_id)
    waiting = await services.outbox.about(account_id, {account.email, email_key})
    listing = await services.sessions.list(account_id)
    history, browsers = await services.history.of(account_id), await services.browsers.of(account_id)
    return {
        "made": _moment(datetime.now(UTC)),
        "account": _account(account, email_key),
        "sessions": [_session(session) for session in listing.sessions],
        "history": [_event(event) for event in history],
        "browsers": [{"account_id": account_id, **_plain(asdict(browser))} for browser in browsers],
        "links": [_link(link) for link in links],
        "waiting": [_entry(entry) for entry in waiting],
        "not_included": dict(NOT_INCLUDED),
    }


def as_text(document: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """Write the document as JSON that people can read; ``ascii_only`` where other letters could get lost."""
    return json.dumps(document, indent=2, ensure_ascii=ascii_only)


def _account(account: Account, email_key: str) -> dict[str, Any]:
    return {**_plain(asdict(account)), "email_key": email_key}


def _link(link: Link) -> dict[str, Any]:
    columns = _plain(asdict(link))
    del columns["token_hash"]
    return columns


def _event(event: Event) -> dict[str, Any]:
    told = _plain(asdict(event))
    del told["browser"], told["token_hash"], told["origin"], told["details"]
    origin = {**asdict(event.origin), "session_id": event.origin.session_id or None}
    return {**told, **origin, "body": dict(event.details)}


def _entry(entry: Entry) -> dict[str, Any]:
    body = {name: value for name, value in entry.body.items() if name not in {SEED, HASH, BROWSER}}
    return _plain({**_columns(entry), "body": body})


def _columns(entry: Entry) -> dict[str, Any]:
    names = ("id", "kind", "account_id", "created", "due", "until", "attempts")
    return {name: getattr(entry, name) for name in names}


def _session(session: Session) -> dict[str, Any]:
    moments = {"created", "seen", "confirmed", "expires"}
    told = asdict(session)
    del told["browser"]
    times = {name: _moment(datetime.fromtimestamp(told[name], UTC)) for name in moments}
    ends = _moment(datetime.fromtimestamp(session.ends, UTC))
    return {**told, **times, "device": session.device.label, "kind": session.device.kind, "ends": ends}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _moment(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _moment(moment: datetime) -> str:
    """Write a moment in ISO 8601, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
