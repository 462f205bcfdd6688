"""Forms that come all at once are begun one after the other, so that pages find their way between them.

One form takes about 2 ms of a process until it waits for something, and as much again for what it then waits for.
Twenty that begin together take their steps in turn, and whatever page comes then waits for all of them: 20 ms, 12 where
they begin 4 ms apart, and 8 at 8 ms. Nobody is turned away here, and nobody who comes alone waits.
"""

import asyncio
from collections.abc import Awaitable

from .asgi import App, Receive, Scope, Send
from .csrf import SAFE_METHODS

# Seconds between two beginnings: about twice what one takes, so that as much is left for pages.
APART = 0.008
# Seconds that anybody waits here at the most. Where still more come than there is time for, this is not what helps.
AT_MOST = 0.25


class Turnstile:
    """Wraps an ASGI application: spreads requests that may change something over time."""

    def __init__(self, app: App) -> None:
        self._app = app
        # When the next one may begin, by the event loop's clock.
        self._next = 0.0

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            return self._app(scope, receive, send)
        return self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        now = asyncio.get_running_loop().time()
        begins = min(max(now, self._next), now + AT_MOST)
        self._next = begins + APART
        if begins > now:
            await asyncio.sleep(begins - now)
        await self._app(scope, receive, send)
