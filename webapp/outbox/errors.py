"""What the one who does an entry may say of it."""

from datetime import datetime

from webapp.errors import GatehouseError

from .model import Entry


class NotYet(GatehouseError):
    """There is nothing to do before ``due``; ``entry`` is what it is to be put back as."""

    def __init__(self, entry: Entry, due: datetime) -> None:
        super().__init__("there is nothing to do yet")
        self.entry = entry
        self.due = due


class PerhapsDone(GatehouseError):
    """It may be done already; trying again may do it a second time.

    ``reason`` goes into the log: no address and no token may stand in it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GiveUp(GatehouseError):
    """Trying again would not help. ``reason`` goes into the log: no address and no token may stand in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
