"""Keeping what Redis has of an account as SQL has it, whoever writes last.

Every method raises StoreUnavailable when Redis or SQL does not answer.
"""

from typing import Protocol

from webapp.errors import StoreUnavailable, WrongCredentials

from .model import AccountSnapshot, Cause, Started
from .store import SessionStore

# Somebody deleted the account: its sessions have nothing left to be of.
DELETED = Cause("erasure")
# A sign-in that fails after its session stood: nobody was let in, and nothing is told of it.
REFUSED = Cause("refused")


class AccountSource(Protocol):
    """What sessions need of the accounts: the snapshot again, when Redis has lost it."""

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        """Read the account; None when there is none of that id any more."""


class AccountFollower:
    """The snapshots beside the sessions."""

    def __init__(self, store: SessionStore, accounts: AccountSource) -> None:
        self._store = store
        self._accounts = accounts

    async def settle(self, known: AccountSnapshot, started: Started) -> None:
        """Let a slow sign-in undo no change of the account; raises WrongCredentials when its password was changed.

        The session is in the list before SQL is asked. A password that changes after SQL's answer ends it with all
        others; one that changed before shows in the answer, since those may have been ended before this one was there.
        """
        try:
            found = await self.follow(known)
        except StoreUnavailable:
            # What the account is, the next visit asks again.
            await self._store.forget_account(known.id)
            # A session that took a living one's place stands, and nobody is left with neither. Had the password changed
            # and the others been ended by then, no living one was left to replace; if that end is yet to come, it ends
            # this one too.
            if started.replaced:
                return
            # Nothing vouches for another's password, and no end may be yet to come: the change may have ended what it
            # found and have taken its entry out of the outbox. So this sign-in fails, as it would have a moment before.
            # Should the end fail too, nobody holds the token.
            await self._store.end(known.id, started.session.id, REFUSED)
            raise
        if found is None:
            raise WrongCredentials
        if found.credential != known.credential:
            await self._store.end(known.id, started.session.id, REFUSED)
            raise WrongCredentials

    async def follow(self, written: AccountSnapshot) -> AccountSnapshot | None:
        """Write the snapshot anew until it is what SQL has; None when the account is gone, and its sessions with it.

        Whoever writes a snapshot has read SQL before, a sign-in seconds before. So each one reads it again after it has
        written. Of all who write at about the same time one is the last, and that one has found SQL as it wrote it:
        what changes there afterwards has another writer after this one. The snapshot that stays is never an older one.
        It goes round again only where the account changes once more in these milliseconds, and while there is time.
        """
        while (fresh := await self._accounts.snapshot(written.id)) != written:
            if fresh is None:
                await self._end_all(written.id)
                return None
            await self._store.put_account(fresh)
            written = fresh
        return fresh

    async def rebuild(self, account_id: str) -> AccountSnapshot | None:
        """Write a snapshot that Redis has lost; None when the account is gone, and its sessions with it."""
        account = await self._accounts.snapshot(account_id)
        if account is None:
            await self._end_all(account_id)
        else:
            await self._store.restore_account(account)
        return account

    async def _end_all(self, account_id: str) -> None:
        # Nobody is left to be told why, and nothing of the account stands in SQL by which that could be found later.
        await self._store.forget_endings(account_id, await self._store.end_all(account_id, DELETED))
