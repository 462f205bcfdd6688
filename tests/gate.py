"""Work that takes exactly as long as a test wants it to, where a sleep would only hope to."""

from threading import Event

# Seconds. A gate that nobody opens fails the test instead of keeping it.
PATIENCE = 30


class Gate:
    """Work that does not end before somebody opens it; ``entered`` is how much of it has begun."""

    def __init__(self) -> None:
        self._opened = Event()
        self.entered = 0

    def work(self) -> None:
        """Wait until the gate is open."""
        self.entered += 1
        assert self._opened.wait(PATIENCE)

    def open(self) -> None:
        """Let all work end, now and later."""
        self._opened.set()
