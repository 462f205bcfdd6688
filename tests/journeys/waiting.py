"""What nobody can wait for: time that passes. And what comes by itself, a moment after what it tells of."""

import asyncio
import json
import sqlite3
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from asgi_calls import settings
from journeys.people import HISTORY, Person
from own_redis import StandaloneRedis
from session_fields import AGE, account_key
from session_holders import GRACE, PERIOD
from session_world import SESSIONS

from webapp.sessions.token import Token

# Seconds for which a confirmed password counts; the server has it from nobody either.
WINDOW = settings().reauth_window
# Longer than the 30 days after which nobody seems to use a session any more.
MONTH = 31 * 86400
# Seconds for what a server does by itself. It looks every five at the latest; a busy machine takes a multiple of that.
PATIENCE = 40
MAILS_OWED = (
    "SELECT count(*) FROM outbox JOIN account ON account.id = account_id"
    " WHERE outbox.kind = 'mail' AND account.email_key = ?"
)


def let_the_window_pass(redis: StandaloneRedis) -> None:
    """Let every session have confirmed its password too long ago, which nobody can wait for."""
    _age(redis, WINDOW, "confirmed")


def let_a_renewal_come(redis: StandaloneRedis) -> None:
    """Let every session have its secret for so long that the next visit hands out another one."""
    _age(redis, PERIOD, "seen", "renewed")


def let_the_grace_pass(redis: StandaloneRedis) -> None:
    """Let the secret before the present one be good no more, in every session."""
    _age(redis, GRACE, "until")


def let_a_month_pass(redis: StandaloneRedis, cookie: Mapping[str, Any] | None) -> None:
    """Let the session of a cookie be unused for 31 days."""
    assert cookie is not None
    # The token, as JSON and in base64url, is what itsdangerous has signed.
    content = str(cookie["value"]).partition(".")[0]
    token = Token.parse(json.loads(urlsafe_b64decode(content + "=" * (-len(content) % 4))))
    assert token is not None
    redis.cli("EVAL", AGE, 1, account_key(token.account_id), token.session_id, MONTH, "seen")


async def history_tells(person: Person, words: str) -> None:
    """Wait until the history has a line with these words."""
    # A number of looks would be over too soon on a fast machine.
    async with asyncio.timeout(PATIENCE):
        await person.open(HISTORY)
        while not await person.page.locator("li.event").filter(has_text=words).count():
            await asyncio.sleep(0.2)
            await person.page.reload()


async def mails_have_left(folder: Path, email: str) -> None:
    """Wait until no mail to somebody is still to be sent by the server that keeps everything in ``folder``."""
    async with asyncio.timeout(PATIENCE):
        while _mails_owed(folder, email):  # noqa: ASYNC110 - a database tells nobody.
            await asyncio.sleep(0.1)


def _mails_owed(folder: Path, email: str) -> int:
    with closing(sqlite3.connect(folder / "accounts.sqlite3", timeout=PATIENCE)) as db:
        (count,) = db.execute(MAILS_OWED, (email,)).fetchone()
    return int(count)


def let_pass(redis: StandaloneRedis, seconds: int) -> None:
    """Let so much time pass in which nobody uses a session."""
    _age(redis, seconds, "seen")


def _age(redis: StandaloneRedis, seconds: int, *moments: str) -> None:
    for key in redis.cli("KEYS", f"{SESSIONS}*"):
        redis.cli("EVAL", AGE, 1, key, "", seconds, *moments)
