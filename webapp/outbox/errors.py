"""What the one who does an entry may say of it."""

from webapp.errors import GatehouseError


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
