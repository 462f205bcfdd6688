"""Where people are signed in: start, resume, list, name and end the sessions of an account.

Every method raises StoreUnavailable when Redis does not answer: nobody is signed out for that, and no success is told
that did not happen (promise 8). What time it is, Redis alone says.
"""

from typing import Protocol

from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.shielding import shielded

from .device import Device
from .model import AccountSnapshot, Listing, Resumed, SessionPolicy, Started
from .record import LONGEST_FIELD, NewSession
from .store import SessionStore
from .text import fit
from .token import Token, is_public_id

# The field of the record that holds it has no more room. Forms check the same and say so in words.
LONGEST_NAME_BYTES = LONGEST_FIELD


class AccountSource(Protocol):
    """What sessions need of the accounts: the snapshot again, when Redis has lost it."""

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        """Read the account; None when there is none of that id any more."""


class SessionService:
    """The sessions of everybody, by the rules of ``policy``."""

    def __init__(self, store: SessionStore, accounts: AccountSource, policy: SessionPolicy) -> None:
        self._store = store
        self._accounts = accounts
        self._policy = policy

    @shielded
    async def start(
        self,
        account: AccountSnapshot,
        *,
        remember: bool,
        method: str,
        device: Device,
        address: str,
        replacing: str | None = None,
    ) -> Started:
        """Sign the account in: always a new session, never one that the caller names (promise 2).

        ``replacing`` is the token this browser held until now. Its session ends in the same step, or, if it is of
        another account, after the new one stands: a failure never leaves the person with neither. Raises
        WrongCredentials when the account was deleted meanwhile, or the password changed that ``account`` was read with.
        """
        lifetimes = self._policy.remembered if remember else self._policy.plain
        new = NewSession(Token.new(account.id), lifetimes, remember, method, device, address)
        old = Token.parse(replacing or "")
        # Somebody else's lies in another slot of a cluster, so it takes a step of its own.
        others = old if old and old.account_id != account.id else None
        started = await self._store.start(new, account, limit=self._policy.limit, replaced=None if others else old)
        await self._settle_account(account, started)
        if others:
            await self._store.end_own(others)
        return started

    # Not shielded: a touch is one script, so there is no second half to lose, and a task a page would cost more than
    # it saves.
    async def resume(self, token: str, *, address: str) -> Resumed | None:
        """Check a token and slide its session; None when it is forged, damaged or over. ``address`` is the client's."""
        parsed = Token.parse(token)
        if parsed is None:
            return None
        touched = await self._store.touch(parsed, pause=self._policy.touch, address=fit(address, LONGEST_FIELD))
        if touched is None:
            return None
        account = touched.account or await self._rebuild(parsed.account_id)
        return Resumed(touched.session, account, touched.now, touched.moved) if account else None

    async def list(self, account_id: str) -> Listing:
        """Give exactly the living sessions of an account."""
        return await self._store.list(account_id)

    @shielded
    async def end(self, account_id: str, session_id: str) -> bool:
        """End one session of the account; False when it has no living session of that id."""
        return is_public_id(session_id) and await self._store.end(account_id, session_id)

    @shielded
    async def end_own(self, token: Token) -> bool:
        """End the session that a token is the credential of; False when it was not alive, or is another's."""
        return await self._store.end_own(token)

    @shielded
    async def end_unrenewed(self, account_id: str, session_id: str, secret_hash: str) -> bool:
        """End one session of the account if its secret is still the one of ``secret_hash``; tells whether it was."""
        return is_public_id(session_id) and await self._store.end(account_id, session_id, secret_hash)

    @shielded
    async def end_others(self, account_id: str, keep: str) -> int:
        """End every session of the account but ``keep``; says how many were alive."""
        return await self._store.end_all(account_id, keep=keep)

    @shielded
    async def end_all(self, account_id: str) -> int:
        """End every session of the account; says how many were alive."""
        return await self._store.end_all(account_id)

    @shielded
    async def end_before(self, account_id: str, *, keep: str, before: int) -> int:
        """End the sessions of the account that began before a moment, but ``keep``; says how many were alive.

        For a changed password, however late and however often: who has signed in with the new one since stays. The
        moment is one of Redis's clock; 0 ends them all, whenever they began.
        """
        return await self._store.end_all(account_id, keep=keep, before=before)

    @shielded
    async def rename(self, account_id: str, session_id: str, name: str) -> bool:
        """Name a session, or take its name away with an empty one; False when it is not alive.

        Raises ValueError for more than 64 bytes of UTF-8.
        """
        if len(name.encode()) > LONGEST_NAME_BYTES:
            raise ValueError(f"A session's name has at most {LONGEST_NAME_BYTES} bytes.")
        return is_public_id(session_id) and await self._store.rename(account_id, session_id, name)

    @shielded
    async def confirm(self, account_id: str, session_id: str) -> bool:
        """Note that the password was just given in this session; False when it is not alive."""
        return is_public_id(session_id) and await self._store.confirm(account_id, session_id)

    @shielded
    async def renew(self, token: str) -> Started | None:
        """Give the session of a token a new secret, for the password was just given; the old secret is dead at once.

        All else stays as it is. None when the session is not alive or the secret is not its own: then it may have been
        renewed a moment ago, by another request of the same browser, so the browser's cookie says what it is worth.
        """
        parsed = Token.parse(token)
        return await self._store.renew(parsed) if parsed else None

    @shielded
    async def put_account(self, snapshot: AccountSnapshot) -> None:
        """Let every session's next page show a change of the account. Call it after the change stands in SQL."""
        await self._store.put_account(snapshot)
        await self._follow_account(snapshot)

    async def load_scripts(self) -> None:
        """Prepare Redis for the first visitor; nothing is lost where it was not done."""
        await self._store.load_scripts()

    async def ping(self) -> None:
        """Return when Redis answers."""
        await self._store.ping()

    async def _settle_account(self, known: AccountSnapshot, started: Started) -> None:
        """Let a slow sign-in undo no change of the account; raises WrongCredentials when its password was changed.

        The session is in the list before SQL is asked. A password that changes after SQL's answer ends it with all
        others; one that changed before shows in the answer, since those may have been ended before this one was there.
        """
        try:
            found = await self._follow_account(known)
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
            await self._store.end(known.id, started.session.id)
            raise
        if found is None:
            raise WrongCredentials
        if found.credential != known.credential:
            await self._store.end(known.id, started.session.id)
            raise WrongCredentials

    async def _follow_account(self, written: AccountSnapshot) -> AccountSnapshot | None:
        """Write the snapshot anew until it is what SQL has; None when the account is gone, and its sessions with it.

        Whoever writes a snapshot has read SQL before, a sign-in seconds before. So each one reads it again after it has
        written. Of all who write at about the same time one is the last, and that one has found SQL as it wrote it:
        what changes there afterwards has another writer after this one. The snapshot that stays is never an older one.
        It goes round again only where the account changes once more in these milliseconds, and while there is time.
        """
        while (fresh := await self._accounts.snapshot(written.id)) != written:
            if fresh is None:
                await self._store.end_all(written.id)
                return None
            await self._store.put_account(fresh)
            written = fresh
        return fresh

    async def _rebuild(self, account_id: str) -> AccountSnapshot | None:
        account = await self._accounts.snapshot(account_id)
        if account is None:
            # Somebody deleted the account: its sessions have nothing left to be of.
            await self._store.end_all(account_id)
        else:
            await self._store.restore_account(account)
        return account
