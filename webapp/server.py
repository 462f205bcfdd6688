"""Hypercorn, in one process: where it listens, how patient it is, and how it stops.

Nothing outside this file depends on which server it is.
"""

import asyncio
import errno
import logging
import os
import signal
import socket

from hypercorn.asyncio import serve as serve_with_hypercorn
from hypercorn.config import Config

from .main import build
from .settings import Settings

# Seconds. Heroku's router keeps its connections open for 90 s; a server that closes one earlier races with the next
# request on it, and somebody gets a 503 (FACTS.md 1).
KEEP_ALIVE = 95
# Seconds. Heroku and Render kill a process 30 s after SIGTERM; what is under way gets most of that.
GRACE = 20
# Bytes. What a request line and its headers may take while they are still incomplete; Heroku's router sends no line
# longer than half of it.
INCOMPLETE_REQUEST = 16 * 1024

# Development is for this machine alone; in production the platform's router comes from outside, by IPv4 or IPv6.
LOCAL = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
ANYWHERE = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))  # noqa: S104  (see above)
# What the system answers where a family of addresses is switched off.
NO_SUCH_FAMILY = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}

log = logging.getLogger(__name__)
LOG_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, and finish what is under way; exits with a sentence when the port is taken."""
    logging.basicConfig(level=logging.INFO, format=LOG_LINE)
    try:
        listeners = _listen(settings)
    except OSError as error:
        raise SystemExit(f"Cannot listen on port {settings.port}: {os.strerror(error.errno or 0)}.") from error
    for listener in listeners:
        log.info("Listening on %s, port %s", *listener.getsockname()[:2])
    asyncio.run(_serve(settings, listeners))


def _listen(settings: Settings) -> list[socket.socket]:
    """Open the port for each family of addresses that this machine has; raises OSError when it is taken."""
    listeners = []
    for family, host in ANYWHERE if settings.production else LOCAL:
        try:
            # Each family has a socket of its own, so that IPv4 addresses never arrive in IPv6 spelling.
            listeners.append(socket.create_server((host, settings.port), family=family))
        except OSError as error:
            if error.errno not in NO_SUCH_FAMILY:
                raise
    return listeners


async def _serve(settings: Settings, listeners: list[socket.socket]) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve_with_hypercorn(build(settings), _configured(listeners), shutdown_trigger=stopping.wait)


def _configured(listeners: list[socket.socket]) -> Config:
    config = Config()
    # Hypercorn owns the sockets from here on.
    config.bind = [f"fd://{listener.detach()}" for listener in listeners]
    config.include_server_header = False
    config.keep_alive_timeout = KEEP_ALIVE
    config.graceful_timeout = GRACE
    config.h11_max_incomplete_size = INCOMPLETE_REQUEST
    config.errorlog = logging.getLogger("hypercorn")
    # Its only news is where it listens, and that was said better.
    config.errorlog.setLevel(logging.WARNING)
    return config
