"""What follows from a change of an account: in Redis, by mail, and one day.

Each is owed by an entry of the outbox from the moment at which the change stands. ``settle`` does at once what people
are told is done; the runner does the rest, and what a crash or an outage has left.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from .accounts.erasures import ErasureService
from .accounts.model import Account
from .accounts.owed import ACCOUNT, ERASURE, SESSION, SESSIONS
from .accounts.service import AccountService
from .errors import StoreUnavailable
from .outbox import Entry, Handler, Outbox
from .sessions.device import Device
from .sessions.model import AccountSnapshot, Cause, Reason
from .sessions.service import SessionService
from .shielding import shielded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deeds:
    """Does what entries ask for, but for mails. Each deed may be done twice and is the same as done once."""

    accounts: AccountService
    erasures: ErasureService
    sessions: SessionService
    outbox: Outbox

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Who does what, by the kinds of entries."""
        return {
            SESSIONS: self._end_sessions,
            SESSION: self._end_browser,
            ACCOUNT: self._show_account,
            ERASURE: self._erase,
        }

    @shielded
    async def settle(self, entries: Iterable[Entry]) -> None:
        """Do at once what a change owes; raises StoreUnavailable where that has to be left to the runner."""
        for entry in entries:
            await self.handlers[entry.kind](entry)
            await self._take_out(entry)

    async def _take_out(self, entry: Entry) -> None:
        # It is done; that it is not written down costs no more than that it is done once more.
        try:
            await self.outbox.done(entry.id)
        except StoreUnavailable as failure:
            log.warning("An entry that is done stays in the outbox for now: %s.", failure)

    async def _end_sessions(self, entry: Entry) -> None:
        account_id, keep, before = entry.body["account"], entry.body.get("keep", ""), int(entry.body["before"])
        cause = _cause(entry)
        ended = await self.sessions.end_before(account_id, keep=keep, before=before, cause=cause)
        if keep:
            await self.sessions.end_unrenewed(account_id, keep, entry.body["hash"], cause)
        if entry.account_id is None:
            # The account is erased, and nobody is left to be told why its sessions have ended.
            await self.sessions.forget_endings(account_id, [*ended, *entry.body.get("forget", "").split()])

    async def _end_browser(self, entry: Entry) -> None:
        account_id, browser, session_id = (entry.body[name] for name in ("account", "browser", "session"))
        # What is done twice spares whoever has signed in there since. An entry of the version before ends them all.
        before = int(entry.body.get("before", 0))
        await self.sessions.end_browser(account_id, browser, session_id, Cause("not-me"), before=before)

    async def _erase(self, entry: Entry) -> None:
        """Erase an account, unless somebody is signed in: planning has ended every session, and signing in keeps it.

        It was a version before this one that let them in and did not know: two stand side by side while one replaces
        the other, and after a rollback.
        """
        account = await self.accounts.find(entry.account_id or "")
        if account is not None and (await self.sessions.list(account.id)).sessions:
            log.warning("Account %s is kept, since somebody is signed in to it.", account.id)
            await self.erasures.cancel(account)
            return
        await self.erasures.erase_due(entry)

    async def _show_account(self, entry: Entry) -> None:
        account = await self.accounts.find(entry.body["account"])
        if account is not None:
            await self.sessions.put_account(snapshot_of(account))


def _cause(entry: Entry) -> Cause:
    # An entry of the version before gives no reason; most are of a new password.
    reason, by = cast("Reason", entry.body.get("reason", "password")), entry.body.get("by", "")
    return Cause(reason, Device.decode(by).label if by else "")


def snapshot_of(account: Account) -> AccountSnapshot:
    """Return what every page needs of ``account``; accounts and sessions do not know each other.

    ``credential`` is another one when the password has changed or the account is to be erased: a sign-in that was under
    way meanwhile has proven what is not true any more.
    """
    return AccountSnapshot(
        id=account.id,
        name=account.name,
        email=account.email,
        role=account.role,
        confirmed=account.confirmed is not None,
        credential=f"{account.password_changed} {account.erase_at}",
    )
