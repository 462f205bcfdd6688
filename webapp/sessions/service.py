"""Where people are signed in: start, resume, list, name and end the sessions of an account.

Every method raises StoreUnavailable when Redis does not answer: nobody is signed out for that, and no success is told
that did not happen (promise 8). What time it is, Redis alone says.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from webapp.shielding import shielded

from .device import Device
from .following import AccountFollower, AccountSource
from .model import AccountSnapshot, Cause, Listing, Look, Resumed, SessionPolicy, Started
from .record import LONGEST_FIELD, NewSession
from .renewal import Renewal
from .store import Reused, SessionStore
from .text import fit
from .token import Token, is_public_id

# The field of the record that holds it has no more room. Forms check the same and say so in words.
LONGEST_NAME_BYTES = LONGEST_FIELD
SIGNED_OUT = Cause("signed-out")


class SessionService:
    """The sessions of everybody, by the rules of ``policy``.

    ``listeners`` are called with the ids of sessions that have just ended, whoever ended them; they must not wait for
    anything. What ends by itself, or while Redis does not answer, they are not told of.
    """

    def __init__(self, store: SessionStore, accounts: AccountSource, policy: SessionPolicy) -> None:
        self._store = store
        self._policy = policy
        self._accounts = AccountFollower(store, accounts)
        self._renewal = Renewal(store)
        self.listeners: set[Callable[[Collection[str]], None]] = set()

    @shielded
    async def start(
        self,
        account: AccountSnapshot,
        *,
        remember: bool,
        method: str,
        device: Device,
        address: str,
        token: Token | None = None,
        shared: bool = False,
        browser: str = "",
        replacing: str | None = None,
    ) -> Started:
        """Sign the account in: always a new session, never one that the caller names (promise 2).

        ``token`` is a new one that the caller has made to know its id. A ``shared`` computer forgets within the hour,
        ``browser`` is the id of a known one. ``replacing`` is the token this browser held until now. Its session ends
        in the same step, or, if it is of another account, after the new one stands: a failure never leaves the person
        with neither. Raises WrongCredentials when the account was deleted meanwhile, or the password changed that
        ``account`` was read with.
        """
        remember = remember and not shared
        token, lifetimes = token or Token.new(account.id), self._policy.lifetimes(remember=remember, shared=shared)
        new = NewSession(token, lifetimes, remember, method, device, address, browser, shared)
        old = Token.parse(replacing or "")
        # Somebody else's lies in another slot of a cluster, so it takes a step of its own.
        others = old if old and old.account_id != account.id else None
        started = await self._store.start(new, account, limit=self._policy.limit, replaced=None if others else old)
        self._tell(started.ended)
        await self._accounts.settle(account, started)
        if others and await self.end_own(others, Cause("replaced", device.label)):
            return replace(started, ended=(*started.ended, others.session_id))
        return started

    # Not shielded: a touch is one script. What may follow it is done by the next visit where this one's is lost, and a
    # task a page would cost more than it saves.
    async def resume(self, token: str, *, address: str) -> Resumed | None:
        """Check a token and slide its session; None when it is forged, damaged or over. ``address`` is the client's.

        Now and then the session's secret is renewed: ``Resumed.cookie`` then holds another token.
        """
        parsed = Token.parse(token)
        if parsed is None:
            return None
        touched = await self._store.touch(parsed, pause=self._policy.touch, address=fit(address, LONGEST_FIELD))
        if touched is None:
            return None
        if isinstance(touched, Reused):
            if await self._renewal.end_reused(parsed):
                self._tell((parsed.session_id,))
            return None
        account = touched.account or await self._accounts.rebuild(parsed.account_id)
        if account is None:
            return None
        cookie = await self._renewal.cookie(parsed, touched, address=address)
        return Resumed(touched.session, account, touched.now, touched.moved, cookie)

    @shielded
    async def offer(self, token: str, *, address: str) -> str | None:
        """Give another token for the same session, since the password was just given (ASVS 7.2.4).

        The one of before is good until this one was shown. None when it is not the time for it, or the secret is not
        the session's current one; where it may not be now, it is soon, by ``resume``.
        """
        parsed = Token.parse(token)
        return await self._renewal.offer(parsed, address=address, at_once=True) if parsed else None

    async def list(self, account_id: str) -> Listing:
        """Give exactly the living sessions of an account."""
        return await self._store.list(account_id)

    @shielded
    async def end(self, account_id: str, session_id: str, cause: Cause) -> bool:
        """End one session of the account; False when it has no living session of that id."""
        ended = is_public_id(session_id) and await self._store.end(account_id, session_id, cause)
        return self._told(session_id, ended=ended)

    @shielded
    async def end_own(self, token: Token, cause: Cause = SIGNED_OUT) -> bool:
        """End the session that a token is the credential of; False when it was not alive, or is another's."""
        return self._told(token.session_id, ended=await self._store.end_own(token, cause))

    @shielded
    async def end_unrenewed(self, account_id: str, session_id: str, secret_hash: str, cause: Cause) -> bool:
        """End one session of the account unless ``renew`` took the secret of ``secret_hash`` away; tells if it did.

        Such a secret counts although another took its place in the course of time: a copy of it leads to that one.
        """
        ended = is_public_id(session_id) and await self._store.end(
            account_id, session_id, cause, secret_hash=secret_hash
        )
        return self._told(session_id, ended=ended)

    @shielded
    async def end_others(self, account_id: str, keep: str, cause: Cause) -> tuple[str, ...]:
        """End every session of the account but ``keep``; gives the ids of those that were alive."""
        return self._tell(await self._store.end_all(account_id, cause, keep=keep))

    @shielded
    async def end_all(self, account_id: str, cause: Cause) -> tuple[str, ...]:
        """End every session of the account; gives the ids of those that were alive."""
        return self._tell(await self._store.end_all(account_id, cause))

    @shielded
    async def end_before(self, account_id: str, *, keep: str, before: int, cause: Cause) -> tuple[str, ...]:
        """End the sessions of the account that began before a moment, but ``keep``; gives the ids of those alive.

        For a changed password, however late and however often: who has signed in with the new one since stays. The
        moment is one of Redis's clock; 0 ends them all, whenever they began.
        """
        return self._tell(await self._store.end_all(account_id, cause, keep=keep, before=before))

    @shielded
    async def end_unused(self, account_id: str, *, keep: str, seconds: int, cause: Cause) -> tuple[str, ...]:
        """End the sessions of the account that were not seen for longer than that, but ``keep``; gives their ids."""
        return self._tell(await self._store.end_all(account_id, cause, keep=keep, unused=seconds))

    @shielded
    async def end_browser(
        self, account_id: str, browser: str, session_id: str, cause: Cause, *, before: int = 0, keep: str = ""
    ) -> tuple[str, ...]:
        """End one session of the account, and all that are of the same ``browser``; gives the ids of those alive.

        Where the browser is not known, which is empty then, that one alone. None that began after ``before``, and never
        ``keep``, as in ``end_before``.
        """
        if not is_public_id(session_id):
            return ()
        return self._tell(
            await self._store.end_browser(account_id, browser, session_id, cause, before=before, keep=keep)
        )

    async def peek(self, token: Token) -> Look:
        """Tell the holder of a secret what he may know of its session; it is not kept alive by that, nor renewed.

        How it was ended is told to whoever holds one of its last secrets.
        """
        return await self._store.look(token.account_id, token.session_id, token.secret_hash)

    async def look(self, account_id: str, session_id: str) -> Look:
        """Tell all that is known of one session."""
        if not is_public_id(session_id):
            raise ValueError("not a public id")
        return await self._store.look(account_id, session_id)

    @shielded
    async def trim_ending(self, account_id: str, session_id: str) -> None:
        """Leave of a session that was ended only what ``peek`` tells; nothing else of it is told from then on.

        For when the history has the rest. A session that lives is left alone.
        """
        if is_public_id(session_id):
            await self._store.trim_ending(account_id, session_id)

    @shielded
    async def forget_endings(self, account_id: str, session_ids: Sequence[str]) -> None:
        """Forget how sessions were ended, where that is known; a call of Redis for each 500 of them."""
        await self._store.forget_endings(account_id, [one for one in session_ids if is_public_id(one)])

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
        await self._accounts.follow(snapshot)

    async def load_scripts(self) -> None:
        """Prepare Redis for the first visitor; nothing is lost where it was not done."""
        await self._store.load_scripts()

    async def ping(self) -> None:
        """Return when Redis answers."""
        await self._store.ping()

    def _told(self, session_id: str, *, ended: bool) -> bool:
        if ended:
            self._tell((session_id,))
        return ended

    def _tell(self, ended: tuple[str, ...]) -> tuple[str, ...]:
        if ended:
            for listener in tuple(self.listeners):
                listener(ended)
        return ended
