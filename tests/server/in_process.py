"""Our connections in this process, behind a real port: for tests that look at both ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.worker_context import WorkerContext
from server.lines import Line

from webapp.server.acceptor import Acceptor
from webapp.server.connection import ServerContext
from webapp.server.connections import Connections
from webapp.server.timings import Timings
from webapp.server.worker import configured
from webapp.web.asgi import App

ENOUGH = 10


def server_context(app: App, timings: Timings) -> ServerContext:
    """Return what all connections of a process share."""
    return ServerContext(ASGIWrapper(app), configured(), WorkerContext(None), {}, timings)


@asynccontextmanager
async def connected(app: App, timings: Timings) -> AsyncIterator[Line]:
    """Serve, and connect."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    connections = Connections(server_context(app, timings), ENOUGH)
    acceptor = Acceptor([listener], connections)
    acceptor.open()
    breathing = asyncio.create_task(connections.keep_breathing())
    line = Line(*await asyncio.open_connection(*listener.getsockname()))
    try:
        yield line
    finally:
        breathing.cancel()
        line.close()
        acceptor.close()
        await connections.finish()
