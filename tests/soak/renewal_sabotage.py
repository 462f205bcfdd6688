"""What would be false alarms: a secret that is worthless too soon, and a cookie that is put over a newer one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.cookies import SimpleCookie
from threading import Event, Thread

import httpx
from own_redis import StandaloneRedis
from pages import SESSION_COOKIE
from redis import Redis
from session_fields import LETTERS, SLOT
from session_world import SESSIONS
from soak.renewal_road import RoughWire
from soak.wire import Answer

# Seconds between two looks.
PAUSE = 0.01
TAKE = f"""
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if #name == {SLOT + 1} and name:sub(-1) == '{LETTERS["until"]}' then redis.call('HSET', KEYS[1], name, 0) end
end
"""


@contextmanager
def grace_taken(server: StandaloneRedis) -> Iterator[None]:
    """Let every secret be worthless as soon as another has taken its place."""
    over = Event()
    taking = Thread(target=_take_grace, args=(server, over))
    taking.start()
    try:
        yield
    finally:
        over.set()
        taking.join()


def _take_grace(server: StandaloneRedis, over: Event) -> None:
    with Redis(unix_socket_path=str(server.socket)) as redis:
        while not over.wait(PAUSE):
            for key in redis.scan_iter(f"{SESSIONS}*"):
                redis.eval(TAKE, 1, key)


class StaleWire(RoughWire):
    """A wire on which answers bring the very cookie that was shown, as a server that rolls it at any time would do."""

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Ask, and put that cookie beside an answer that brings none."""
        answer = await super().ask(method, path, headers, body)
        shown = SimpleCookie(headers.get("Cookie", "")).get(SESSION_COOKIE)
        if shown is None or "Set-Cookie" in answer.headers:
            return answer
        brought = [*answer.headers.multi_items(), ("Set-Cookie", shown.OutputString())]
        return replace(answer, headers=httpx.Headers(brought))
