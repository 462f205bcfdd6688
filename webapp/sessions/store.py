"""The sessions in Redis: each method is one script, one round trip, all or nothing.

Every method raises StoreUnavailable when Redis does not answer. A write may then have been applied or not; all of them
may be repeated. And redis-py repeats them: a copy that arrives late revives nothing (docs/decisions/0013).
"""

from dataclasses import dataclass
from itertools import chain

from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import translating_failures

from .model import AccountSnapshot, Listing, Session, Started
from .record import NewSession, read_session
from .script import AccountScript
from .token import Token, new_public_id


@dataclass(frozen=True, slots=True)
class Touched:
    """A session that was resumed; ``account`` is None when Redis has no snapshot of it."""

    session: Session
    account: AccountSnapshot | None
    now: int
    moved: bool


class SessionStore:
    """What can be done to the sessions of an account."""

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._start = AccountScript(redis, "start")
        self._touch = AccountScript(redis, "touch", lasting=False)
        self._list = AccountScript(redis, "list", lasting=False)
        self._end = AccountScript(redis, "end")
        self._end_all = AccountScript(redis, "end_all")
        self._rename = AccountScript(redis, "rename")
        self._confirm = AccountScript(redis, "confirm")
        self._renew = AccountScript(redis, "renew")
        self._put_account = AccountScript(redis, "put_account")
        self._forget_account = AccountScript(redis, "forget_account")

    async def load_scripts(self) -> None:
        """Send every script once; without it the first use of each would."""
        for script in (
            self._start,
            self._touch,
            self._list,
            self._end,
            self._end_all,
            self._rename,
            self._confirm,
            self._renew,
            self._put_account,
            self._forget_account,
        ):
            await script.load()

    async def start(
        self, new: NewSession, account: AccountSnapshot, *, limit: int, replaced: Token | None = None
    ) -> Started:
        """Write a session and its account's snapshot down; at ``limit`` those unused for longest end.

        ``replaced``, a token of the same account, ends in the same step and counts no more. Raises StoreUnavailable
        also where the first answer was lost and the session has ended before the second: its token opens nothing.
        """
        token = new.token
        now, row, _, gone = await self._start(
            token.account_id,
            token.session_id,
            limit,
            new.lifetimes.lifetime,
            *_snapshot(account),
            *((replaced.session_id, replaced.secret_hash) if replaced else ("", "")),
            *chain.from_iterable(new.fields().items()),
        )
        if row is None:
            raise StoreUnavailable("Redis")
        return Started(str(token), read_session(token.account_id, row), now, replaced=bool(gone))

    async def touch(self, token: Token, *, pause: int, address: str) -> Touched | None:
        """Resume the session of ``token``, and slide it when ``pause`` seconds passed since that was done last."""
        answer = await self._touch(token.account_id, token.session_id, token.secret_hash, pause, address)
        if answer is None:
            return None
        now, moved, row, account = answer
        snapshot = _read_snapshot(token.account_id, *account) if account else None
        return Touched(read_session(token.account_id, row), snapshot, now, bool(moved))

    async def list(self, account_id: str) -> Listing:
        """Give the living sessions, the one seen last first."""
        now, rows = await self._list(account_id)
        sessions = (read_session(account_id, row) for row in rows)
        return Listing(tuple(sorted(sessions, key=_newest_first)), now)

    async def end(self, account_id: str, session_id: str, secret_hash: str = "") -> bool:
        """End one session, only with a secret of ``secret_hash`` where one is given; False when there was none."""
        return bool(await self._end(account_id, session_id, secret_hash))

    async def end_own(self, token: Token) -> bool:
        """End the session of ``token``, only if the secret is right; False when it was not alive or not this one."""
        return bool(await self._end(token.account_id, token.session_id, token.secret_hash))

    async def end_all(self, account_id: str, *, keep: str = "", before: int = 0) -> int:
        """End every session but the one called ``keep``, or those begun before a moment; says how many were alive."""
        return int(await self._end_all(account_id, keep, before))

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


def _snapshot(account: AccountSnapshot) -> tuple[str, str, str, int]:
    return account.name, account.email, account.role, int(account.confirmed)


def _read_snapshot(account_id: str, name: str, email: str, role: str, confirmed: str) -> AccountSnapshot:
    return AccountSnapshot(account_id, name, email, role, confirmed == "1")


def _newest_first(session: Session) -> tuple[int, int, str]:
    # The id decides between two of the same second, so that rows do not change places from one look to the next.
    return -session.seen, -session.created, session.id
