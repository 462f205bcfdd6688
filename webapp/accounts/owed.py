"""What a change of an account owes: mails, and what has to follow in Redis and one day.

The entries are written with the change (``webapp.outbox``). What has to follow in Redis is done by the request itself,
at once; its entry is for the case that the request cannot.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from webapp.outbox import Entry

from .links import NewLink
from .model import Account

# The kinds of entries, by which the server finds out who does them.
MAIL, SESSIONS, SESSION, ACCOUNT, RESET, ERASURE = "mail", "sessions", "session", "account", "reset", "erasure"

# A request that takes longer than this has given up (deadline.PATIENCE), and what it left undone is done for it.
AFTER_THE_REQUEST = timedelta(seconds=30)
# Seconds by which the clocks of this machine and of Redis may differ. Who signs in later than that after a change of
# the password, or after "it was not me", stays in, even where the others are ended late.
CLOCKS = 10
# What ends sessions or erases is never given up.
FOR_EVER = timedelta(days=3650)
# The time to think better of it.
ERASURE_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Kept:
    """The one session that stays when the others end, once it has a new secret.

    With the one of ``secret_hash`` it ends too: whoever has a copy of its cookie would stay in.
    """

    session_id: str
    secret_hash: str = field(repr=False)


class LettersOwed:
    """Makes the entries of mails; none at all where the site sends no mail."""

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent

    def confirm_email(self, account: Account, new: NewLink) -> list[Entry]:
        """Ask for a click that proves the address of a new account."""
        return self.letter("confirm-email", account, account.email, _link_values(new))

    def reset_password(self, account: Account, new: NewLink) -> list[Entry]:
        """Bring the link to a new password."""
        values = {"erase_at": _seconds(account.erase_at), **_link_values(new)}
        return self.letter("reset-password", account, account.email, values)

    def password_changed(self, account: Account, *, by_reset: bool, where: str) -> list[Entry]:
        """Tell that the password is another now."""
        values = {"at": _seconds(datetime.now(UTC)), "where": where, "reset": "y" if by_reset else ""}
        return self.letter("password-changed", account, account.email, values)

    def confirm_new_email(self, account: Account, new: NewLink) -> list[Entry]:
        """Ask for a click that proves a new address, sent there."""
        return self.letter(
            "confirm-new-email", account, new.link.email, {"old": masked(account.email), **_link_values(new)}
        )

    def email_changed(self, account: Account, new_email: str, back: NewLink | None) -> list[Entry]:
        """Tell the old address that another one took its place, and how to get ``back``, if the old one was proven."""
        values = {"new": masked(new_email), "at": _seconds(datetime.now(UTC))}
        if back is None:
            return self.letter("email-left", account, account.email, values)
        return self.letter("email-changed", account, account.email, {**values, **_link_values(back)})

    def email_restored(self, account: Account, email: str, reset: NewLink) -> list[Entry]:
        """Tell an address that it is the account's again, and bring the link to a new password."""
        return self.letter("email-restored", account, email, _link_values(reset))

    def email_moved_back(self, account: Account, email: str) -> list[Entry]:
        """Tell the address that loses the account to an earlier one; it may have been its owner's."""
        if account.email == email:
            return []
        values = {"old": masked(email), "at": _seconds(datetime.now(UTC))}
        return self.letter("email-moved-back", account, account.email, values)

    def erasure_planned(self, account: Account, erase_at: datetime) -> list[Entry]:
        """Tell when the account will be erased, and how it is kept."""
        return self.letter("erasure-planned", account, account.email, {"erase_at": _seconds(erase_at)})

    def erasure_cancelled(self, account: Account) -> list[Entry]:
        """Tell that the account is kept, since somebody has signed in."""
        return self.letter("erasure-cancelled", account, account.email, {"at": _seconds(datetime.now(UTC))})

    def erasure_done(self, account: Account) -> list[Entry]:
        """Tell that there is nothing left; this entry outlives its account."""
        return self.letter("erasure-done", account, account.email, {}, outlives=True)

    def letter(
        self, letter: str, account: Account, to: str, values: Mapping[str, str], *, outlives: bool = False
    ) -> list[Entry]:
        """Write a letter of templates/mail to an address of ``account``, or nothing where no mail is sent."""
        if not self.sent:
            return []
        # To an address that nobody has proven no name goes: whoever named the address has chosen the name as well.
        body = {"letter": letter, "to": to, "name": account.name if account.confirmed else "", **values}
        entry = Entry.new(MAIL, None if outlives else account.id, body)
        # A link that is dead when it arrives is worth nothing.
        expires = values.get("expires")
        return [entry.until_at_most(datetime.fromtimestamp(int(expires), UTC)) if expires else entry]


def end_sessions(account_id: str, *, reason: str = "password", by: str = "", keep: Kept | None = None) -> Entry:
    """Owe that every session that is open now ends, but ``keep``.

    ``reason`` is what their browsers are told, one of those that ``webapp.sessions.model`` names, and ``by`` from which
    device it was done, encoded.
    """
    kept = {"keep": keep.session_id, "hash": keep.secret_hash} if keep else {}
    body = {"account": account_id, "before": _by_now(), "reason": reason, "by": by, **kept}
    return Entry.new(SESSIONS, account_id, body, after=AFTER_THE_REQUEST, patience=FOR_EVER)


def forget_sessions(account_id: str, session_ids: Collection[str]) -> Entry:
    """Owe that nothing is left of the sessions of an account that is erased, which this entry outlives.

    ``session_ids`` are those that have ended: of them there may be word why, which no list has.
    """
    ending = end_sessions(account_id, reason="erasure")
    return replace(ending, account_id=None, body={**ending.body, "forget": " ".join(session_ids)})


def end_browser(account_id: str, browser: str, session_id: str) -> Entry:
    """Owe that a session ends, which somebody has said is not theirs, and all others of its browser, if it is known.

    All that are open now, as in ``end_sessions``.
    """
    body = {"account": account_id, "session": session_id, "browser": browser, "before": _by_now()}
    return Entry.new(SESSION, account_id, body, after=AFTER_THE_REQUEST, patience=FOR_EVER)


def show_account(account_id: str) -> Entry:
    """Owe that every session's next page shows the account as it is."""
    return Entry.new(ACCOUNT, account_id, {"account": account_id}, after=AFTER_THE_REQUEST, patience=FOR_EVER)


def reset(email_key: str, patience: timedelta) -> Entry:
    """Owe a look whether somebody has this email, and a link to a new password if so."""
    return Entry.new(RESET, None, {"email_key": email_key}, patience=patience)


def erasure(account_id: str, erase_at: datetime) -> Entry:
    """Owe that the account is erased when the time has come."""
    return Entry.new(ERASURE, account_id, {}, after=erase_at - datetime.now(UTC), patience=FOR_EVER)


def _by_now() -> str:
    """Give the moment before which every session has begun that is open now."""
    return str(int(datetime.now(UTC).timestamp()) + CLOCKS)


def masked(email: str) -> str:
    """Give as much of an address as its owner needs to know it, and a stranger cannot write to."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _link_values(link: NewLink) -> dict[str, str]:
    return {"seed": link.seed, "hash": link.link.token_hash, "expires": _seconds(link.link.expires)}


def _seconds(moment: datetime | None) -> str:
    return "" if moment is None else str(int(moment.timestamp()))
