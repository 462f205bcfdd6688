"""An application that is slow, streams, crashes and hangs, served as ours is: ``python -m server.application PLAN``.

It ends with whoever holds the other end of its standard input. PLAN is JSON: see ``staging.Stage``.
"""

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from quart import Quart, Response, request

from webapp.logs import configure_logging
from webapp.server.connections import Connections
from webapp.server.files import connections_at_once
from webapp.server.listening import BACKLOG
from webapp.server.supervisor import Supervisor
from webapp.server.timings import Timings
from webapp.server.worker import Worker
from webapp.web.asgi import App

# It is in our process group, and so are all that we start; stopping signals pass it by.
GUARD = "trap '' TERM INT; read -r _; kill -KILL 0"
LARGE = 64
FOR_EVER = 1_000_000
PIECE = b"a" * 1_000_000


def main(plan: dict[str, Any]) -> int:
    """Serve as planned and return the exit status."""
    # What Python 3.12.1 and later do, whatever ours does: a server of asyncio's ends with its last connection.
    asyncio.Server.wait_closed = _never  # type: ignore[assignment, method-assign]  # That is the point.
    with subprocess.Popen(["/bin/sh", "-c", GUARD]) as guard:
        configure_logging(production=False)
        if plan["files"]:
            resource.setrlimit(resource.RLIMIT_NOFILE, (plan["files"], plan["files"]))
        listeners = [_listener(plan["port"]), _listener(0)]
        if plan["fault"] == "end fails":
            Connections.finish = _fails  # type: ignore[assignment, method-assign]  # That is the fault.
        timings = Timings(**plan["timings"])
        refusal_headers = [(b"x-refused", b"yes")]
        most = connections_at_once(streams=0)
        worker = Worker(lambda: build(plan), listeners, plan["loop"], timings, refusal_headers, most=most)
        status = Supervisor(worker.run, listeners, plan["processes"], timings).run()
        guard.kill()
    return status


def _listener(port: int) -> socket.socket:
    # Production has two: one for IPv4, one for IPv6. Nobody comes to the second one here.
    listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    listener.setblocking(False)
    return listener


async def _fails(_: Connections) -> None:
    raise RuntimeError("The end is not what it was.")


async def _never(_: asyncio.Server) -> None:
    await asyncio.Event().wait()


def build(plan: dict[str, Any]) -> App:
    """Make the application; ``plan["fault"]`` says what is wrong with it."""
    folder = Path(plan["folder"])
    if plan["fault"] == "build" or (plan["fault"] == "only once" and (folder / "marks").exists()):
        raise RuntimeError("There is nothing to serve.")
    app = Quart("application")
    _hooks(app, folder, plan["fault"])
    _answers(app, folder)
    _streams(app, folder)
    _crimes(app, folder)
    return app


def mark(folder: Path, what: str) -> None:
    """Leave a line that tells what happened, and in which process."""
    with (folder / "marks").open("a") as marks:
        marks.write(f"{what} {os.getpid()}\n")


def _hooks(app: Quart, folder: Path, fault: str) -> None:
    @app.while_serving
    async def life() -> AsyncGenerator[None, None]:
        if fault == "startup":
            raise RuntimeError("No store answers.")
        mark(folder, "starting")
        await asyncio.sleep(1 if fault == "slow start" else 0)
        mark(folder, "started")
        yield
        if fault == "hook hangs":
            await asyncio.Event().wait()
        if fault == "hook fails":
            raise RuntimeError("The store is gone.")
        mark(folder, "stopped")


def _answers(app: Quart, folder: Path) -> None:
    @app.get("/")
    async def who() -> str:
        return str(os.getpid())

    @app.get("/slow/<float:seconds>")
    async def slow(seconds: float) -> str:
        mark(folder, "arrived")
        await asyncio.sleep(seconds)
        return "whole answer"

    @app.get("/held")
    async def held() -> str:
        mark(folder, "arrived")
        while not (folder / "released").exists():  # noqa: ASYNC110  (Another process releases it.)
            await asyncio.sleep(0.02)
        return "whole answer"

    @app.post("/body")
    async def body() -> str:
        return str(len(await request.get_data(as_text=False)))


def _streams(app: Quart, folder: Path) -> None:
    async def repeated(piece: bytes, times: int, pause: float) -> AsyncIterator[bytes]:
        mark(folder, "stream began")
        try:
            for _ in range(times):
                yield piece
                await asyncio.sleep(pause)
        finally:
            mark(folder, "stream ended")

    def answer(pieces: AsyncIterator[bytes], content_type: str) -> Response:
        response = Response(pieces, content_type=content_type)
        response.timeout = None
        return response

    @app.get("/events")
    async def events() -> Response:
        return answer(repeated(b"data: now\n\n", FOR_EVER, 0.1), "text/event-stream")

    @app.get("/measured")
    async def measured() -> Response:
        response = answer(repeated(b"data: now\n\n", FOR_EVER, 0.1), "text/event-stream")
        response.headers["Content-Length"] = str(FOR_EVER)
        return response

    @app.get("/flood")
    async def flood() -> Response:
        return answer(repeated(PIECE, FOR_EVER, 0), "text/event-stream")

    @app.get("/large")
    async def large() -> Response:
        return answer(repeated(PIECE, LARGE, 0), "application/octet-stream")


def _crimes(app: Quart, folder: Path) -> None:
    hoarded: list[int] = []

    @app.get("/crash")
    async def crash() -> str:
        os.kill(os.getpid(), signal.SIGKILL)
        return ""

    @app.get("/stubborn")
    async def stubborn() -> str:
        mark(folder, "arrived")
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    @app.get("/frozen")
    async def frozen() -> str:
        mark(folder, "arrived")
        # The event loop does not go on, and signals are not heard.
        time.sleep(FOR_EVER)  # noqa: ASYNC251  (That is the crime.)
        return ""

    @app.get("/nap")
    async def nap() -> str:
        mark(folder, "arrived")
        time.sleep(1)  # noqa: ASYNC251  (The same.)
        return ""

    @app.get("/hoard")
    async def hoard() -> str:
        with suppress(OSError):
            while True:
                hoarded.append(os.dup(0))
        return "all"


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
