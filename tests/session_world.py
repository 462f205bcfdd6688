"""Sessions on a real Redis, and the few things a test does to them from outside."""

from dataclasses import dataclass, field, replace
from typing import cast

from webapp.redis_connection import RedisClient
from webapp.sessions.device import Device
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
# What a record says of time. Rewriting these is how time passes in a test: AGE takes a record's key, the seconds that
# pass, and the moments that they pass for. Not every record has every one of them.
MOMENTS = ("created", "seen", "confirmed", "expires", "renewed", "until")
AGE = """
for place = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[place]) == 1 then
    redis.call('HINCRBY', KEYS[1], ARGV[place], -ARGV[1])
  end
end
"""
# What remembers for a while that a call was made. It is there after every sign-in, and goes by itself.
MARKS = "done:"
SESSIONS = "session:"
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

    def __post_init__(self) -> None:
        self.store = SessionStore(self.redis)
        self.service = SessionService(self.store, self.accounts, self.policy)

    def limited_to(self, limit: int) -> "World":
        """Give the same world with another SESSION_LIMIT."""
        return World(self.redis, replace(self.policy, limit=limit), self.accounts)

    def touching(self, seconds: int) -> "World":
        """Give the same world with another SESSION_TOUCH."""
        return World(self.redis, replace(self.policy, touch=seconds), self.accounts)

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

    async def age(self, token: str, seconds: int) -> None:
        """Let time pass for one session alone. Its keys stay, as though Redis had not come round to them yet."""
        parsed = Token.parse(token)
        assert parsed is not None
        await self.redis.eval(AGE, 1, record_key(parsed), seconds, *MOMENTS)
        await self.redis.zincrby(index_key(parsed.account_id), -seconds, parsed.session_id)

    async def lose(self, key: str) -> None:
        """Remove a key. redis-py's own way to delete on a cluster goes past the bound on connections."""
        await self.redis.execute_command("DEL", key)

    async def written(self, token: str) -> dict[str, str]:
        """Give the record as it stands in Redis; nothing of a session that was ended."""
        parsed = Token.parse(token)
        assert parsed is not None
        # The client decodes its answers; redis-py's types cannot know.
        record = cast("dict[str, str]", await self.redis.hgetall(record_key(parsed)))
        return {} if ENDED in record else record

    async def keys(self) -> set[str]:
        """Give every key there is, but for the marks and what is left of sessions that were ended."""
        return {key for key in await self._every_key() - await self.endings() if not key.startswith(MARKS)}

    async def endings(self) -> set[str]:
        """Give the key of every session that was ended before its time."""
        return {key for key in await self._every_key() if await self._is_ending(key)}

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

    async def _is_ending(self, key: str) -> bool:
        is_record = key.startswith(SESSIONS) and await self.redis.type(key) == "hash"
        return is_record and bool(await self.redis.hexists(key, ENDED))

    async def _content(self, key: str) -> object:
        is_index = await self.redis.type(key) == "zset"
        return await (self.redis.zrange(key, 0, -1, withscores=True) if is_index else self.redis.hgetall(key))


def key_of(token: str) -> str:
    """Give the key of the record that belongs to a token."""
    parsed = Token.parse(token)
    assert parsed is not None
    return record_key(parsed)


def record_key(token: Token) -> str:
    return f"{SESSIONS}{{{token.account_id}}}:{token.session_id}"


def mark_key(token: Token) -> str:
    return f"{MARKS}{{{token.account_id}}}:{token.session_id}"


def index_key(account_id: str) -> str:
    return f"sessions:{{{account_id}}}"


def snapshot_key(account_id: str) -> str:
    return f"account:{{{account_id}}}"
