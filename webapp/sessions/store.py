"""The sessions in Redis: each method is one script, one round trip, all or nothing.

Every method raises StoreUnavailable when Redis does not answer. A write may then have been applied or not; all of them
may be repeated. And redis-py repeats them: a copy that arrives late revives nothing (docs/decisions/0013).
"""

from collections.abc import Sequence
from itertools import chain
from typing import Literal, NamedTuple

from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import translating_failures

from .handover import Handover
from .model import AccountSnapshot, Cause, Listing, Look, Session, Started
from .network import print_of
from .record import BROWSER_LENGTH, NewSession, cause_fields, read_ending, read_session
from .script import AccountScript
from .text import fit
from .token import Token, new_public_id

# What a secret may have to be for its session to end: held by the browser it was given to, superseded a while ago, or
# any that the session had since its password was last changed.
Held = Literal["own", "reused", "any"]
# So many endings go in one call: nobody else is answered by Redis in the meantime.
AT_ONCE = 500


class Touched(NamedTuple):
    """A session that was resumed; ``account`` is None when Redis has no snapshot of it.

    ``candidate``: the secret is to take the place of the current one. ``rolls``: the cookie may be sent anew as it is.
    ``offers``: a new secret is due.
    """

    session: Session
    account: AccountSnapshot | None
    now: int
    moved: bool
    candidate: bool
    rolls: bool
    offers: bool


class Reused:
    """A secret was shown that another has taken the place of a while ago: there are two who hold the session's."""


class SessionStore:
    """What can be done to the sessions of an account."""

    def __init__(self, redis: RedisClient, handover: Handover | None = None) -> None:
        self._redis = redis
        self._handover = handover or Handover()
        self._start = self._script("start")
        self._touch = self._script("touch", lasting=False)
        self._offer = self._script("offer")
        self._promote = self._script("promote")
        self._list = self._script("list", lasting=False)
        self._look = self._script("look", lasting=False)
        self._end = self._script("end")
        self._end_all = self._script("end_all")
        self._trim_ending = self._script("trim_ending")
        self._forget_endings = self._script("forget_endings")
        self._rename = self._script("rename")
        self._confirm = self._script("confirm")
        self._renew = self._script("renew")
        self._put_account = self._script("put_account")
        self._forget_account = self._script("forget_account")

    async def load_scripts(self) -> None:
        """Send every script once; without it the first use of each would. This version serves from now on."""
        await self._handover.begin(self._redis)
        for script in [value for value in vars(self).values() if isinstance(value, AccountScript)]:
            await script.load()

    async def start(
        self, new: NewSession, account: AccountSnapshot, *, limit: int, replaced: Token | None = None
    ) -> Started:
        """Write a session and its account's snapshot down; at ``limit`` those unused for longest end.

        ``replaced``, a token of the same account, ends in the same step and counts no more. Raises StoreUnavailable
        also where the first answer was lost and the session has ended before the second: its token opens nothing.
        """
        token = new.token
        now, row, displaced, gone = await self._start(
            token.account_id,
            token.session_id,
            limit,
            new.lifetimes.lifetime,
            *_snapshot(account),
            *((replaced.session_id, replaced.secret_hash) if replaced else ("", "")),
            new.device.label,
            *chain.from_iterable(new.fields().items()),
        )
        if row is None:
            raise StoreUnavailable("Redis")
        had_to_go = tuple(read_session(token.account_id, other) for other in displaced)
        ended = [replaced.session_id] if replaced and gone else []
        return Started(
            str(token),
            read_session(token.account_id, row),
            now,
            replaced=bool(gone),
            displaced=had_to_go,
            ended=(*ended, *(session.id for session in had_to_go)),
        )

    async def touch(self, token: Token, *, pause: int, address: str) -> Touched | Reused | None:
        """Resume the session of ``token``, and slide it when ``pause`` seconds passed since that was done last."""
        network = print_of(address)
        answer = await self._touch(token.account_id, token.session_id, token.secret_hash, pause, address, network)
        if answer is None:
            return None
        now, moved, row, account, verdict, rolls, offers = answer
        if verdict == "reused":
            return Reused()
        if row[0] != token.session_id:
            # An answer to somebody else's command, which would show him another's pages. Commands travel together, and
            # no fault there, be it redis-py's, may come to that.
            raise StoreUnavailable("Redis")
        return Touched(
            read_session(token.account_id, row),
            _read_snapshot(token.account_id, *account) if account else None,
            now,
            moved=bool(moved),
            candidate=verdict == "candidate",
            rolls=bool(rolls),
            offers=bool(offers),
        )

    async def offer(self, token: Token, candidate: Token, *, address: str, at_once: bool = False) -> bool:
        """Note that ``candidate`` is handed to the browser that has shown ``token``; False when it must not be.

        Not until it is due, unless the password was just given and it is wanted ``at_once``.
        """
        hashes = token.secret_hash, candidate.secret_hash
        return bool(await self._offer(token.account_id, token.session_id, *hashes, print_of(address), int(at_once)))

    async def promote(self, candidate: Token) -> bool:
        """Put a candidate that was shown in the place of the secret; False when it is none any more."""
        return bool(await self._promote(candidate.account_id, candidate.session_id, candidate.secret_hash))

    async def list(self, account_id: str) -> Listing:
        """Give the living sessions, the one seen last first."""
        now, rows = await self._list(account_id)
        sessions = (read_session(account_id, row) for row in rows)
        return Listing(tuple(sorted(sessions, key=_newest_first)), now)

    async def end(
        self, account_id: str, session_id: str, cause: Cause, *, secret_hash: str = "", held: Held = "any"
    ) -> bool:
        """End one session, only with a secret of ``secret_hash`` where one is given; False when there was none."""
        return bool(await self._end(account_id, session_id, secret_hash, held, *cause_fields(cause)))

    async def end_own(self, token: Token, cause: Cause, *, held: Held = "own") -> bool:
        """End the session of ``token``, only if the secret is right; False when it was not alive or not this one."""
        return await self.end(token.account_id, token.session_id, cause, secret_hash=token.secret_hash, held=held)

    async def end_all(
        self, account_id: str, cause: Cause, *, keep: str = "", before: int = 0, unused: int = 0
    ) -> tuple[str, ...]:
        """End every session but the one called ``keep``; gives the ids of those that were alive.

        Or those begun before a moment alone, or those not seen for more than ``unused`` seconds.
        """
        return tuple(await self._end_all(account_id, keep, before, unused, *cause_fields(cause), "", ""))

    async def end_browser(
        self, account_id: str, browser: str, session_id: str, cause: Cause, *, before: int = 0, keep: str = ""
    ) -> tuple[str, ...]:
        """End one session, and every other of its ``browser`` where that is not empty; gives the ids of those alive.

        Or those begun before a moment alone; and never the one called ``keep``.
        """
        browser = fit(browser, BROWSER_LENGTH)
        return tuple(await self._end_all(account_id, keep, before, 0, *cause_fields(cause), session_id, browser))

    async def look(self, account_id: str, session_id: str, secret_hash: str = "") -> Look:
        """Tell what is known of a session; how it ended only for one of its last secrets, where one is given."""
        now, row, ending, begun, verdict = await self._look(account_id, session_id, secret_hash)
        return Look(
            read_session(account_id, row) if row else None,
            read_ending(account_id, ending) if ending else None,
            bool(begun),
            now,
            verdict,
        )

    async def trim_ending(self, account_id: str, session_id: str) -> None:
        """Leave of a session that was ended only what its browser is told, and by which it is known."""
        await self._trim_ending(account_id, session_id)

    async def forget_endings(self, account_id: str, session_ids: Sequence[str]) -> None:
        """Forget how sessions were ended."""
        for first in range(0, len(session_ids), AT_ONCE):
            await self._forget_endings(account_id, *session_ids[first : first + AT_ONCE])

    async def rename(self, account_id: str, session_id: str, name: str) -> bool:
        """Name a session; False when it is not alive."""
        return bool(await self._rename(account_id, session_id, name))

    async def confirm(self, account_id: str, session_id: str) -> bool:
        """Note that the password was just given; False when the session is not alive."""
        return bool(await self._confirm(account_id, session_id, new_public_id()))

    async def renew(self, token: Token) -> Started | None:
        """Give the session of ``token`` a new secret; None when it is not alive, or the secret is not its own."""
        new = token.renewed()
        answer = await self._renew(token.account_id, token.session_id, token.secret_hash, new.secret_hash)
        if answer is None:
            return None
        now, row = answer
        return Started(str(new), read_session(token.account_id, row), now)

    async def put_account(self, account: AccountSnapshot) -> None:
        """Write a snapshot over the one that stands; nothing when the account has no session."""
        await self._put_account(account.id, 0, *_snapshot(account), new_public_id())

    async def restore_account(self, account: AccountSnapshot) -> None:
        """Write what the snapshot lacks, or all of it; what was written in the meantime is newer and stays."""
        await self._put_account(account.id, 1, *_snapshot(account), new_public_id())

    async def forget_account(self, account_id: str) -> None:
        """Remove the snapshot; the next visit restores it."""
        await self._forget_account(account_id)

    async def ping(self) -> None:
        """Return when Redis answers."""
        with translating_failures():
            await self._redis.ping()

    def _script(self, name: str, *, lasting: bool = True) -> AccountScript:
        return AccountScript(self._redis, name, lasting=lasting, handover=self._handover)


def _snapshot(account: AccountSnapshot) -> tuple[str, str, str, int]:
    return account.name, account.email, account.role, int(account.confirmed)


def _read_snapshot(account_id: str, name: str, email: str, role: str, confirmed: str) -> AccountSnapshot:
    return AccountSnapshot(account_id, name, email, role, confirmed == "1")


def _newest_first(session: Session) -> tuple[int, int, str]:
    # The id decides between two of the same second, so that rows do not change places from one look to the next.
    return -session.seen, -session.created, session.id
