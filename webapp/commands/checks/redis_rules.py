"""What a Redis server has to be like to hold sessions, each rule with what to do where it is not."""

from webapp.settings import FEWEST_REDIS_CONNECTIONS, Settings

from .findings import Finding, ok, warning, wrong
from .redis_facts import Server
from .surroundings import AT_A_DEPLOY

# The scripts are tested on this one and later ones. Valkey tells one of these as well.
OLDEST = (6, 2)
# Connections that are left to the provider's monitoring and to commands such as this one.
RESERVE = 2
# Of its memory. Above, it is time to look for more; at all of it, nobody can sign in.
NEARLY_FULL = 0.8
# Bytes that somebody with one session takes: the record, the list, the account (801 measured, on Redis 7.0).
SESSION_BYTES = 800
# Seconds. Only Redis's clock decides about sessions; the two meet in logs, and in what people read as "now".
CLOCKS_APART = 5


def judge(server: Server, settings: Settings) -> list[Finding]:
    """Hold one server to every rule."""
    return [
        _version(server),
        *_role(server),
        _eviction(server),
        _memory(server),
        _connections(server, settings),
        _persistence(server),
        *_disk(server),
        _clock(server),
    ]


def _version(server: Server) -> Finding:
    compatible = server.text("redis_version")
    if compatible is None:
        return warning(
            "INFO is not allowed, so most of Redis cannot be seen from here. Compare its plan with the README."
        )
    valkey = server.text("valkey_version")
    name = f"Valkey {valkey}" if valkey else f"Redis {compatible}"
    if _number(compatible) < OLDEST:
        return wrong(f"It is {name}; sessions need 6.2 or later. Upgrade it.")
    return ok(f"It is {name} and answers within {max(1, round(server.took * 1000))} ms.")


def _role(server: Server) -> list[Finding]:
    if server.text("role") == "slave":
        return [wrong("It is a replica, which takes no writes. REDIS_URL has to lead to the primary.")]
    return []


def _eviction(server: Server) -> Finding:
    policy = server.text("maxmemory_policy")
    change = "Set maxmemory-policy to noeviction"
    if policy is None:
        return warning(f"Its eviction policy cannot be seen. {change} where you administer it.")
    if policy == "noeviction":
        return ok("Nothing is evicted (noeviction): no session is lost for want of memory.")
    where = "on Heroku: heroku redis:maxmemory --policy noeviction; on Render: maxmemoryPolicy"
    return wrong(
        f"Its eviction policy is {policy}: when memory runs short it signs people out and forgets wrong passwords. "
        f"{change} ({where})."
    )


def _memory(server: Server) -> Finding:
    used, most = server.number("used_memory"), server.number("maxmemory")
    if used is None or most is None:
        return warning("Its memory cannot be seen. Watch it where you administer it: a full Redis lets nobody sign in.")
    if most == 0:
        return ok(f"It uses {_size(used)} of memory, and nothing but the machine limits it.")
    room = f"It uses {_size(used)} of {_size(most)} of memory"
    if used >= most:
        return wrong(f"{room}: it is full, and nobody can sign in. Take a larger plan, or shorten REMEMBER_LIFETIME.")
    if used >= NEARLY_FULL * most:
        return warning(f"{room}: soon nobody can sign in. Take a larger plan, or shorten REMEMBER_LIFETIME.")
    return ok(f"{room}: room for about {(most - used) // SESSION_BYTES:,} sessions more.")


def _connections(server: Server, settings: Settings) -> Finding:
    most, limit = settings.redis_connections * settings.web_concurrency, server.number("maxclients")
    need = (
        f"REDIS_CONNECTIONS={settings.redis_connections} times WEB_CONCURRENCY={settings.web_concurrency} can open "
        f"{most} connections on each machine"
    )
    if limit is None:
        return warning(f"{need}; how many it allows cannot be seen. It has to be twice as many, for deploys.")
    need = f"{need}, and it allows {limit}"
    right = max(FEWEST_REDIS_CONNECTIONS, (limit - RESERVE) // (AT_A_DEPLOY * settings.web_concurrency))
    if most > limit:
        return wrong(f"{need}: under load some requests get 503. Set REDIS_CONNECTIONS={right}.")
    if AT_A_DEPLOY * most > limit:
        return warning(f"{need}: too few at a deploy, when old and new run at once. Set REDIS_CONNECTIONS={right}.")
    return ok(f"{need}: enough for {limit // (AT_A_DEPLOY * most)} at a deploy, when old and new run at once.")


def _persistence(server: Server) -> Finding:
    append_only = server.number("aof_enabled")
    cost = "Where that is too much, take a plan that keeps an append-only file (appendonly yes)"
    if append_only:
        return ok("It keeps an append-only file: a restart signs nobody out.")
    if server.save:
        return warning(
            f"It keeps snapshots alone: a crash undoes the sign-ins and sign-outs since the last one. {cost}."
        )
    if append_only is None or server.save is None:
        return warning(f"No append-only file, as far as can be seen: a restart may sign people out. {cost}.")
    return warning(f"It keeps nothing on disk: a restart signs everybody out. {cost}.")


def _disk(server: Server) -> list[Finding]:
    """Say that Redis refuses writes, as it does when it cannot keep them."""
    failed = [name for name in ("aof_last_write_status", "rdb_last_bgsave_status") if server.text(name) == "err"]
    if failed:
        return [wrong("It cannot write to its disk, and may refuse all changes for that. See its disk and its log.")]
    return []


def _clock(server: Server) -> Finding:
    apart = abs(server.ahead)
    if apart <= CLOCKS_APART:
        return ok("Its clock and ours agree.")
    side = "ahead of" if server.ahead > 0 else "behind"
    return warning(
        f"Its clock is {apart:,.0f} s {side} ours. Sessions go by its clock; let both follow a time server (NTP)."
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MB"
