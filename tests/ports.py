"""Ports for servers that are to be started in a moment."""

import os
import random
import socket
from contextlib import suppress

# Below those that the system gives to outgoing connections (from 32,768 on, on Linux): one of them could take the port
# in between. The bus of a Redis cluster's node lies BUS above its port, and must be below them too.
LOWEST, HIGHEST = 12_000, 22_000
BUS = 10_000

# Processes of pytest-xdist that run side by side take turns in the row of ports: between the look at a port and the
# start of its server, another one could have found the same one free.
NEIGHBOURS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
PLACE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % NEIGHBOURS

_given: set[int] = set()


def free_port() -> int:
    """Give a port on which nobody listens, never the same twice, with one for a cluster's bus 10,000 above it."""
    while True:
        port = random.randrange(LOWEST + PLACE, HIGHEST, NEIGHBOURS)
        if port in _given:
            continue
        with suppress(OSError), socket.create_server(("127.0.0.1", port)), socket.create_server(("", port + BUS)):
            _given.add(port)
            return port
