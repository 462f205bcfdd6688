"""Lets clients in, as long as there is room.

The event loop's own servers take a hundred clients at a time, know no bound, and where the process runs out of files
they try again on a timer that outlives their closing. This one takes clients one by one, so that each worker gets its
share.
"""

import asyncio
import logging
import socket
from collections.abc import Sequence

from .connections import Connections

# Seconds. All places are taken, or there are no files left: somebody has to leave first.
BREATH = 0.1
# Seconds. A lack of files is told of once in this time.
SILENCE = 60

log = logging.getLogger(__name__)


class Acceptor:
    """Hands the clients that come to ``listeners`` on to ``connections``; in a running event loop."""

    def __init__(self, listeners: Sequence[socket.socket], connections: Connections) -> None:
        self._listeners = listeners
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._breath: asyncio.TimerHandle | None = None
        self._told = -float(SILENCE)

    def open(self) -> None:
        """Begin to let clients in."""
        for listener in self._listeners:
            self._loop.add_reader(listener, self._take_one, listener)

    def close(self) -> None:
        """Take those who have come so far, while there is room, and no more."""
        self._rest()
        for listener in self._listeners:
            self._take_all(listener)
        for listener in self._listeners:
            listener.close()

    def _take_one(self, listener: socket.socket) -> None:
        if not self._connections.has_room():
            self._take_breath()
            return
        try:
            self._accept(listener)
        except OSError as error:
            self._complain(error)
            self._connections.drop_one()
            self._take_breath()

    def _take_all(self, listener: socket.socket) -> None:
        try:
            while self._connections.has_room() and self._accept(listener):
                pass
        except OSError as error:
            self._complain(error)

    def _accept(self, listener: socket.socket) -> bool:
        """Take a client; False when nobody is there. Raises OSError when the system has no room for one."""
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            # Another worker was faster, or the client has changed its mind.
            return False
        self._connections.add(client)
        return True

    def _take_breath(self) -> None:
        self._rest()
        self._breath = self._loop.call_later(BREATH, self.open)

    def _rest(self) -> None:
        if self._breath is not None:
            self._breath.cancel()
        for listener in self._listeners:
            self._loop.remove_reader(listener)

    def _complain(self, error: OSError) -> None:
        now = self._loop.time()
        if now - self._told >= SILENCE:
            self._told = now
            log.error("No client can be taken: %s. Is the limit on open files (ulimit -n) too low?", error.strerror)
