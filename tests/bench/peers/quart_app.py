"""Quart with quart-auth and redis-py, as their documentation puts them together; a page asks Redis once."""

import json
import os
import time
from collections.abc import Awaitable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, cast

from quart import Quart, abort, render_template, request
from quart_auth import AuthUser, QuartAuth, current_user, login_user
from redis.asyncio import Redis

HERE = Path(__file__).parent
DEVICES = json.loads((HERE / "devices.json").read_text())
# Seconds.
IDLE, LIFETIME = 1800, 43200
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
# Checks both limits, slides the first one, and gives what the page shows.
TOUCH = """
local values = redis.call('HMGET', KEYS[1], 'name', 'role', 'created', 'seen')
if not values[1] then return false end
local now, idle = tonumber(ARGV[1]), tonumber(ARGV[2])
local left = tonumber(values[3]) + ARGV[3] - now
if left <= 0 or now - tonumber(values[4]) > idle then
  redis.call('DEL', KEYS[1])
  return false
end
redis.call('HSET', KEYS[1], 'seen', now)
redis.call('EXPIRE', KEYS[1], math.min(idle, left))
return values
"""

app = Quart(__name__, template_folder=str(HERE))
app.secret_key = "measured-and-never-used-for-anything-else"
app.config["QUART_AUTH_COOKIE_SECURE"] = False
QuartAuth(app)
redis = Redis.from_url(os.environ["REDIS_URL"])
touch = redis.register_script(TOUCH)


@app.get("/visitor")
async def visitor() -> str:
    """Show the page without a session."""
    return await render_template("page.html", name="Ada Lovelace 10", devices=DEVICES)


@app.get("/sign-in")
async def sign_in() -> str:
    """Let somebody in, without a password."""
    number, now, session = request.args["user"], int(time.time()), token_urlsafe(32)
    kept: dict[Any, Any] = {
        "id": number,
        "name": f"Ada Lovelace {number}",
        "email": f"ada.{number}@example.test",
        "role": "member",
        "created": now,
        "seen": now,
        "address": "203.0.113.7",
        "agent": BROWSER,
        "browser": "Firefox",
        "system": "Windows",
    }
    await redis.hset(f"session:{session}", mapping=kept)
    await redis.expire(f"session:{session}", IDLE)
    login_user(AuthUser(session))
    return "Welcome.\n"


@app.get("/me")
async def me() -> str:
    """Show the page to somebody who is signed in."""
    session = current_user.auth_id
    asked = touch(keys=[f"session:{session}"], args=[int(time.time()), IDLE, LIFETIME]) if session else None
    values = await cast("Awaitable[list[bytes] | None]", asked) if asked else None
    if not values:
        abort(401)
    return await render_template("page.html", name=values[0].decode(), devices=DEVICES)
