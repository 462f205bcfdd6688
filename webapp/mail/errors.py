"""Why a mail did not leave. A reason goes into the log: no address, password or token may stand in it."""

from webapp.errors import GatehouseError
from webapp.outbox.errors import GiveUp, PerhapsDone


class MailNotSent(GatehouseError):
    """The mail was not taken this time; a later try may do better."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PerhapsSent(PerhapsDone):
    """The mail was handed over, and nobody said whether it was taken: another try may be a second mail."""


class Undeliverable(GiveUp):
    """The mail will never be taken; trying again would not help."""
