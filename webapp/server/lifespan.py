"""The hooks of an ASGI application: what it does before the first request and after the last.

Hypercorn's own goes on without them when they fail; ours does not.
"""

import asyncio
from typing import Any, Literal

from webapp.web.asgi import App, Message

Phase = Literal["startup", "shutdown"]


class HooksFailed(Exception):
    """The hooks of one phase failed or took too long; says which and why."""


class Lifespan:
    """Runs the hooks of ``app``; what they put into ``state`` is handed to every request."""

    def __init__(self, app: App) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._running: asyncio.Future[None] | None = None

    async def start(self, seconds: float) -> None:
        """Run the hooks of the start; raises HooksFailed, also after ``seconds``."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._running = asyncio.ensure_future(self._app(scope, self._coming.get, self._answers.put))
        await self._run("startup", seconds)

    async def stop(self, seconds: float) -> None:
        """Run the hooks of the end; raises HooksFailed, also after ``seconds``, when they are cut."""
        await self._run("shutdown", seconds)

    async def _run(self, phase: Phase, seconds: float) -> None:
        assert self._running is not None  # noqa: S101  (The worker starts before it stops.)
        self._coming.put_nowait({"type": f"lifespan.{phase}"})
        answer = asyncio.ensure_future(self._answers.get())
        both: set[asyncio.Future[Any]] = {self._running, answer}
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            self._judge(phase, answer.result())
            return
        answer.cancel()
        if self._running.done():
            raise HooksFailed(f"The application ended at its {phase}.") from self._running.exception()
        self._running.cancel()
        raise HooksFailed(f"The application's {phase} took longer than {seconds:.1f} s.")

    def _judge(self, phase: Phase, message: Message) -> None:
        if message["type"] != f"lifespan.{phase}.complete":
            raise HooksFailed(f"The application's {phase} failed: {message.get('message', '')}")
