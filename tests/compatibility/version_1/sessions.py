"""The sessions as version 1 reads and writes them. Frozen: see README.md beside it."""

from pathlib import Path
from typing import Any

from redis.asyncio import Redis

SCRIPTS = Path(__file__).parent / "sessions"
NAMES = ("start", "touch", "list", "end", "end_all", "rename", "confirm", "put_account")

# How it takes apart the rows that its scripts answer.
ROW = ("id", "created", "seen", "confirmed", "idle", "expires", "remembered", "method", "device", "address", "name")

# Every field it knows, and the form in which it can use it. Numbers and hash it insists on; the others it can miss.
FORMS = {
    "hash": r"[A-Za-z0-9_-]{43}",
    "created": r"[0-9]{1,11}",
    "seen": r"[0-9]{1,11}",
    "confirmed": r"[0-9]{1,11}",
    "idle": r"[0-9]{1,11}",
    "expires": r"[0-9]{1,11}",
    "remembered": r"[01]",
    "method": r".{0,64}",
    "device": r"[a-z]{1,12}:.{1,50}",
    "address": r".{0,64}",
    "name": r".{0,64}",
}

HOUR, DAY = 3600, 86400


def keys(account: str, session: str = "") -> dict[str, str]:
    """Name the keys of an account, and of one of its sessions."""
    return {
        "index": f"sessions:{{{account}}}",
        "snapshot": f"account:{{{account}}}",
        "record": f"session:{{{account}}}:{session}",
    }


def record(secret_hash: str, now: int) -> dict[str, str]:
    """Write out a record as it stands in Redis an hour after somebody signed in, twenty minutes after he was seen."""
    return {
        "created": str(now - HOUR),
        "seen": str(now - 1200),
        "confirmed": str(now - HOUR),
        "expires": str(now - HOUR + 90 * DAY),
        "hash": secret_hash,
        "idle": str(30 * DAY),
        "remembered": "1",
        "method": "password",
        "device": "phone:Safari on iPhone",
        "address": "203.0.113.7",
        "name": "Kitchen",
    }


class VersionOne:
    """A process of version 1, as far as Redis sees of it."""

    def __init__(self, redis: Redis) -> None:
        head = (SCRIPTS / "record.lua").read_text()
        self._scripts = {name: redis.register_script(head + (SCRIPTS / f"{name}.lua").read_text()) for name in NAMES}

    async def start(self, account: str, session: str, secret_hash: str, *, limit: int = 50) -> list[str]:
        """Sign in; gives the ids of the sessions that had to go."""
        snapshot = ("Ada Lovelace", "ada@example.com", "member")
        fields = ("hash", secret_hash, "idle", HOUR, "remembered", 0, "method", "password")
        device = ("device", "computer:Firefox on Windows", "address", "203.0.113.7")
        _, _, displaced = await self._run("start", account, session, limit, DAY, *snapshot, "", "", *fields, *device)
        return list(displaced)

    async def touch(self, account: str, session: str, secret_hash: str, *, pause: int = 60) -> dict[str, Any] | None:
        """Resume a session; gives its row, with the account's snapshot beside it."""
        answer = await self._run("touch", account, session, secret_hash, pause, "198.51.100.9")
        if answer is None:
            return None
        _, _, row, snapshot = answer
        return _read(row) | {"account": snapshot}

    async def list(self, account: str) -> dict[str, dict[str, Any]]:
        """Give the rows of the device page by session id."""
        _, rows = await self._run("list", account)
        return {row[0]: _read(row) for row in rows}

    async def end(self, account: str, session: str) -> bool:
        return bool(await self._run("end", account, session, ""))

    async def end_all(self, account: str, keep: str = "") -> int:
        return int(await self._run("end_all", account, keep))

    async def rename(self, account: str, session: str, name: str) -> bool:
        return bool(await self._run("rename", account, session, name))

    async def confirm(self, account: str, session: str) -> bool:
        return bool(await self._run("confirm", account, session))

    async def put_account(self, account: str, name: str, email: str, role: str) -> None:
        await self._run("put_account", account, 0, name, email, role)

    async def _run(self, script: str, account: str, *arguments: str | int) -> Any:  # noqa: ANN401 -- each answers in its own form.
        named = keys(account)
        return await self._scripts[script](
            keys=(named["index"], named["snapshot"]), args=(f"session:{{{account}}}:", *arguments)
        )


def _read(row: list[Any]) -> dict[str, Any]:
    # It fails on a row that is longer or shorter.
    return dict(zip(ROW, row, strict=True))
