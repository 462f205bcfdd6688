"""Load: as many pages as a server gives to 64 connections that are kept, with the cookies of as many people in turn.

It is sent by this process, from the processor that the server does not have. A loader in C would have a quick server
give more pages; but what is measured is the processor time of a page, and none of PyPI's ends with whole pages.
"""

from collections.abc import Sequence
from functools import partial
from itertools import cycle

from bench.reading import Read, Reader, open_reader, read_on

CONNECTIONS = 64


class Crowd:
    """Those who read one page of one server, and hold their connections while they do not."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self._port = port
        # Each connection begins with another person.
        firsts = [place % len(requests) for place in range(CONNECTIONS)]
        self._new = [partial(Reader, cycle([*requests[first:], *requests[:first]])) for first in firsts]
        self._readers: list[Reader | None] = [None] * CONNECTIONS

    async def read(self, seconds: float) -> Read:
        """Read for so many seconds. Raises RuntimeError when anything is not answered as it should be."""
        return await read_on(seconds, await self.connect())

    async def connect(self) -> list[Reader]:
        """Connect again those whom the server has hung up on meanwhile."""
        opened = [
            reader if reader and reader.is_open else await open_reader(self._port, new)
            for reader, new in zip(self._readers, self._new, strict=True)
        ]
        self._readers = [*opened]
        return opened

    def close(self) -> None:
        """Hang up."""
        for reader in self._readers:
            if reader:
                reader.close()
