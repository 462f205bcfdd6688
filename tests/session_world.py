"""Sessions on a real Redis, and the few things a test does to them from outside."""

from dataclasses import dataclass, field, replace
from typing import cast

import session_records as records
from session_fields import ACCOUNT, account_key, is_left, session_in, sessions_in

from webapp.redis_connection import RedisClient
from webapp.sessions.device import Device
from webapp.sessions.handover import Handover
from webapp.sessions.model import AccountSnapshot, Cause, Ending, Lifetimes, SessionPolicy, Started
from webapp.sessions.service import SessionService
from webapp.sessions.store import SessionStore
from webapp.sessions.token import Token, new_public_id

MINUTE, HOUR, DAY = 60, 3600, 86400
POLICY = SessionPolicy(
    plain=Lifetimes(idle=HOUR, lifetime=DAY),
    remembered=Lifetimes(idle=30 * DAY, lifetime=90 * DAY),
    touch=MINUTE,
    limit=50,
)
FIREFOX = Device("Firefox on Windows", "computer")
ADDRESS = "203.0.113.7"
# Why a session ends where a test does not care.
CAUSE = Cause("elsewhere", "Safari on iPhone")
# What remembers for a while that a call was made. It is there after every sign-in, and goes by itself.
MARKS = "done:"
SESSIONS = "in:"
# What a record has, and a living session has not, once it was ended before its time.
ENDED = "was"
# EXPIRETIME would say when a key ends, but not in Redis 6.2. Of a cluster, the server that has the key must be asked.
TIME_AND_LEFT = "local time = redis.call('TIME') return {time[1], time[2], redis.call('PTTL', KEYS[1])}"


class Accounts:
    """The accounts as SQL has them; counts how often it was asked."""

    def __init__(self) -> None:
        self.rows: dict[str, AccountSnapshot] = {}
        self.asked = 0

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        self.asked += 1
        return self.rows.get(account_id)


@dataclass
class World:
    """A service over the Redis that ``redis`` looks into."""

    redis: RedisClient
    policy: SessionPolicy = POLICY
    accounts: Accounts = field(default_factory=Accounts)
    # No version before this one is there, unless a test says so.
    handover: Handover = field(default_factory=Handover.over)

    def __post_init__(self) -> None:
        self.store = SessionStore(self.redis, self.handover)
        self.service = SessionService(self.store, self.accounts, self.policy)

    def limited_to(self, limit: int) -> "World":
        """Give the same world with another SESSION_LIMIT."""
        return replace(self, policy=replace(self.policy, limit=limit))

    def touching(self, seconds: int) -> "World":
        """Give the same world with another SESSION_TOUCH."""
        return replace(self, policy=replace(self.policy, touch=seconds))

    def person(self, name: str = "Ada Lovelace") -> AccountSnapshot:
        """Register somebody."""
        account = AccountSnapshot(new_public_id(), name, f"{name.split(maxsplit=1)[0].lower()}@example.com", "member")
        self.accounts.rows[account.id] = account
        return account

    async def sign_in(
        self,
        account: AccountSnapshot,
        *,
        remember: bool = False,
        replacing: str | None = None,
        address: str = ADDRESS,
        browser: str = "",
    ) -> Started:
        return await self.service.start(
            account,
            remember=remember,
            method="password",
            device=FIREFOX,
            address=address,
            browser=browser,
            replacing=replacing,
        )

    async def resumes(self, token: str) -> bool:
        """Tell whether the next page with this token is a signed-in one."""
        return await self.service.resume(token, address=ADDRESS) is not None

    async def why_ended(self, token: str) -> Ending | None:
        """Tell what whoever holds a token may know of how its session was ended."""
        parsed = Token.parse(token)
        assert parsed is not None
        return (await self.service.peek(parsed)).ending

    async def listed(self, account: AccountSnapshot) -> list[str]:
        """Give the ids on the device page, from top to bottom."""
        return [session.id for session in (await self.service.list(account.id)).sessions]

    async def age(self, token: str, seconds: int, *moments: str) -> None:
        """Let time pass for one session alone. Its keys stay, as though Redis had not come round to them yet."""
        parsed = _parsed(token)
        await records.age(self.redis, parsed.account_id, parsed.session_id, seconds, *moments)

    async def write(self, token: str, **values: str | bytes | None) -> None:
        """Write over what a session's record holds, or take away what is None."""
        parsed = _parsed(token)
        await records.write(self.redis, parsed.account_id, parsed.session_id, **values)

    async def lose(self, key: str) -> None:
        """Remove a key. redis-py's own way to delete on a cluster goes past the bound on connections."""
        await self.redis.execute_command("DEL", key)

    async def lose_snapshot(self, account_id: str) -> None:
        """Remove what Redis holds of the account itself."""
        await self.redis.hdel(account_key(account_id), *ACCOUNT.values())

    async def fields(self, account_id: str) -> dict[str, str]:
        """Give all that Redis holds of an account."""
        return await records.fields(self.redis, account_id)

    async def left(self, token: str) -> dict[str, str]:
        """Give the record as it stands in Redis, whether the session lives or was ended."""
        parsed = _parsed(token)
        return session_in(await self.fields(parsed.account_id), parsed.session_id)

    async def written(self, token: str) -> dict[str, str]:
        """Give the record as it stands in Redis; nothing of a session that was ended."""
        record = await self.left(token)
        return {} if ENDED in record else record

    async def keys(self) -> set[str]:
        """Give every key there is, but for the marks and where nothing is left but sessions that were ended."""
        return {key for key in await self._every_key() if not key.startswith(MARKS) and not await self._is_left(key)}

    async def endings(self) -> set[str]:
        """Give the id of every session that was ended before its time."""
        return {session_id for session_id, record in (await self._sessions()).items() if ENDED in record}

    async def ids(self) -> set[str]:
        """Give the id of every session there is, living or not."""
        return set(await self._sessions())

    async def marks(self) -> set[str]:
        """Give the key of every call that is remembered."""
        return {key for key in await self._every_key() if key.startswith(MARKS)}

    async def ends_at(self, key: str) -> int:
        """Give the second at which Redis removes a key."""
        seconds, microseconds, left = await self.redis.eval(TIME_AND_LEFT, 1, key)
        return round(int(seconds) + int(microseconds) / 1e6 + int(left) / 1e3)

    async def everything(self) -> dict[str, tuple[object, int]]:
        """Give all that Redis holds, each key with its content and its end."""
        return {key: (await self._content(key), await self.ends_at(key)) for key in await self.keys()}

    async def _every_key(self) -> set[str]:
        # Not KEYS, which asks only one server of a cluster.
        return {str(key) async for key in self.redis.scan_iter()}

    async def _sessions(self) -> dict[str, dict[str, str]]:
        every = [sessions_in(await self._held(key)) for key in await self._every_key() if key.startswith(SESSIONS)]
        return {session_id: record for sessions in every for session_id, record in sessions.items()}

    async def _is_left(self, key: str) -> bool:
        return key.startswith(SESSIONS) and is_left(await self._held(key))

    async def _held(self, key: str) -> dict[str, str]:
        if await self.redis.type(key) != "hash":
            return {"": "junk"}
        # The client decodes its answers; redis-py's types cannot know.
        return cast("dict[str, str]", await self.redis.hgetall(key))

    async def _content(self, key: str) -> object:
        return await self._held(key) if await self.redis.type(key) == "hash" else await self.redis.dump(key)


def key_of(token: str) -> str:
    """Give the key in which a token's session stands."""
    return record_key(_parsed(token))


def record_key(token: Token) -> str:
    return account_key(token.account_id)


def mark_key(token: Token) -> str:
    return f"{MARKS}{{{token.account_id}}}:{token.session_id}"


def _parsed(token: str) -> Token:
    parsed = Token.parse(token)
    assert parsed is not None
    return parsed
