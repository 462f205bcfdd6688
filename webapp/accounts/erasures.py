"""The end of an account: asked for, thought over for a week, and then done."""

from datetime import UTC, datetime

from webapp.history import NOWHERE, Event, Origin, now
from webapp.outbox import Entry

from . import owed
from .changes import Change
from .model import Account
from .owed import ERASURE, ERASURE_AFTER
from .tools import Mails, Tables


class ErasureService:
    """Erases accounts. Every method may raise StoreUnavailable."""

    def __init__(self, tables: Tables, mails: Mails) -> None:
        self._store = tables.store
        self._changes = tables.changes
        self._letters = mails.letters
        self._mails = mails

    async def plan(
        self, account_id: str, origin: Origin = NOWHERE, *, by_operator: bool = False
    ) -> tuple[Account, list[Entry]] | None:
        """Have an account erased in ERASURE_AFTER, unless its owner signs in before; all its sessions end now.

        Gives the account as it is now, and what that owes; None when it is gone. Planned already, the day stays, and
        the sessions end all the same.
        """
        found = await self._store.by_id(account_id)
        if found is None:
            return None
        account, entries = found.account, [_end_sessions(account_id, origin, by_operator=by_operator)]
        if account.erase_at is not None:
            planned_already = await self._changes.apply(account_id, Change(entries=entries))
            return (planned_already, entries) if planned_already else None
        erase_at = datetime.now(UTC) + ERASURE_AFTER
        letters = self._letters.erasure_planned(account, erase_at) if await self._mails.may_tell(found) else []
        planned = [*entries, owed.erasure(account_id, erase_at), *letters]
        happened = Event("erasure-planned", account_id, now(), origin, {"by": "operator"} if by_operator else {})
        change = Change(
            {"erase_at": erase_at}, {"erase_at": None}, kills=["change"], entries=planned, events=[happened]
        )
        changed = await self._changes.apply(account_id, change)
        # Where two ask for it at once, the second one finds it planned.
        return (changed, entries) if changed else await self.plan(account_id, origin, by_operator=by_operator)

    async def cancel(self, account: Account, origin: Origin = NOWHERE) -> Account | None:
        """Keep the account after all, since its owner signs in; gives it as it is now.

        None, and it is not kept, when it is gone, or has another password than the one that ``account`` was proven by.
        """
        found = await self._store.by_id(account.id)
        if found is None:
            return None
        expects = {"password_changed": account.password_changed}
        letters, events = [], []
        if found.account.erase_at is not None:
            events = [Event("erasure-cancelled", account.id, now(), origin)]
            letters = self._letters.erasure_cancelled(found.account) if await self._mails.may_tell(found) else []
        change = Change({"erase_at": None}, expects, cancels=[ERASURE], entries=letters, events=events)
        return await self._changes.apply(account.id, change)

    async def erase_due(self, entry: Entry) -> None:
        """Erase the account of an entry if its day has come; nothing where it was kept or is gone."""
        if entry.account_id is not None:
            await self._erase(entry.account_id, before=datetime.now(UTC))

    async def erase_now(self, account_id: str) -> list[Entry] | None:
        """Erase an account without waiting, as operators may; gives what that owes, or None when it is gone."""
        return await self._erase(account_id, before=None)

    async def _erase(self, account_id: str, before: datetime | None) -> list[Entry] | None:
        found = await self._store.by_id(account_id)
        if found is None:
            return None
        # There should be no session by now. If one was begun at the very last moment, it has nothing left to be of.
        entries = [owed.forget_sessions(account_id, await self._changes.sessions_of(account_id))]
        letters = self._letters.erasure_done(found.account)
        done = await self._changes.erase(account_id, before, [*entries, *letters])
        return entries if done else None


def _end_sessions(account_id: str, origin: Origin, *, by_operator: bool) -> Entry:
    return owed.end_sessions(account_id, reason="operator" if by_operator else "erasure", by=origin.device)
