"""What JSON clients are told of accounts and sessions: never a secret, times in ISO 8601."""

from typing import Any

from webapp.history import Event
from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot, Session
from webapp.words import iso


def account_data(account: AccountSnapshot) -> dict[str, Any]:
    """Return an account for JSON."""
    return {
        "account": {
            "id": account.id,
            "name": account.name,
            "email": account.email,
            "confirmed": account.confirmed,
            "role": account.role,
        }
    }


def session_data(session: Session, *, current: bool) -> dict[str, Any]:
    """Return a session for JSON."""
    return {
        "id": session.id,
        "current": current,
        "name": session.name,
        "device": session.device.label,
        "kind": session.device.kind,
        "address": session.address,
        "method": session.method,
        "remembered": session.remembered,
        "shared": session.shared,
        "created": iso(session.created),
        "seen": iso(session.seen),
        "confirmed": iso(session.confirmed),
        "ends": iso(session.ends),
        "expires": iso(session.expires),
    }


def event_data(event: Event, said: str, *, current: bool) -> dict[str, Any]:
    """Return what happened for JSON: for machines, and as the page says it."""
    return {
        "kind": event.kind,
        "said": said,
        "at": iso(int(event.at.timestamp())),
        "current": current,
        "device": Device.decode(event.origin.device).label if event.origin.device else "",
        "address": event.origin.address,
        "place": event.origin.place,
        "details": dict(event.details),
    }
