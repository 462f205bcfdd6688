"""What all proxies of the tests have in common: where they listen, what they show, whom they pass requests on to."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ports import free_port
from proxies.running import Address, Running


@dataclass(frozen=True, slots=True)
class Place:
    """What one proxy is given: a folder of its own, the certificate with its key, and who is behind it.

    ``inner`` says that another proxy stands in front: this one adds to what that one has written, and believes it.
    ``source`` is the address from which it connects to ``upstream``, where it should not be the usual one.
    """

    folder: Path
    certificate: Path
    upstream: Address
    inner: bool = False
    source: str = ""


class Proxy(ABC):
    """A proxy that listens for TLS on the port ``https`` and without it on ``http``, by IPv4 and IPv6."""

    # Proxies need no rights, and nginx's workers would give root's away by themselves.
    user: str | None = "nobody"

    def __init__(self, place: Place) -> None:
        self.https, self.http = self.ports = (free_port(), free_port())
        self._process = Running(place.folder, self._command(place), self.ports, self.user)

    @property
    def plain(self) -> Address:
        """Where another proxy reaches it, to put it behind itself."""
        return Address("127.0.0.1", self.http)

    def stop(self) -> None:
        """End it, and wait for its end."""
        self._process.stop()

    @abstractmethod
    def _command(self, place: Place) -> Sequence[str]:
        """Write the configuration into the folder, and return the words that start the program."""
