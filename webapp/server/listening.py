"""The port, for each family of addresses that the machine has."""

import errno
import logging
import os
import socket

from webapp.settings import Settings

from .worker import FAILED

# Development is for this machine alone; in production the platform's router comes from outside, by IPv4 or IPv6.
LOCAL = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
ANYWHERE = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))  # noqa: S104  (see above)
# What the system answers where a family of addresses is switched off.
NO_SUCH_FAMILY = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
# Connections that the system keeps for us until they are accepted, during a rush or while a worker is replaced.
BACKLOG = 1024

log = logging.getLogger(__name__)


def listen(settings: Settings) -> list[socket.socket]:
    """Open the port for each family of addresses and log where; logs why and exits when that is impossible."""
    try:
        listeners = _open(settings)
    except OSError as error:
        log.critical("Cannot listen on port %s: %s.", settings.port, os.strerror(error.errno or 0))
        raise SystemExit(FAILED) from error
    for listener in listeners:
        log.info("Listening on %s, port %s", *listener.getsockname()[:2])
    return listeners


def _open(settings: Settings) -> list[socket.socket]:
    listeners = []
    for family, host in ANYWHERE if settings.production else LOCAL:
        try:
            # Each family has a socket of its own, so that IPv4 addresses never arrive in IPv6 spelling.
            listener = socket.create_server((host, settings.port), family=family, backlog=BACKLOG)
        except OSError as error:
            if error.errno not in NO_SUCH_FAMILY:
                raise
        else:
            # Several workers hear of each client, and only one of them gets it; the others must not wait.
            listener.setblocking(False)
            listeners.append(listener)
    return listeners
