"""What can go wrong, in the words of the domain.

No HTTP in here: ``web/errors.py`` alone decides which status and which page each of these becomes.
"""


class GatehouseError(Exception):
    """The parent of everything that this application raises on purpose."""


class SettingsError(GatehouseError):
    """The environment cannot be used; ``faults`` holds one sentence for each thing that is wrong."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class EmailTaken(GatehouseError):
    """There is an account with this email already."""


class WeakPassword(GatehouseError):
    """A new password is refused; ``reason`` is the sentence that tells the person why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SamePassword(GatehouseError):
    """The new password is the one that the account has already."""


class SameEmail(GatehouseError):
    """The new email is the one that the account has already."""


class DeadLink(GatehouseError):
    """A link of a mail opens nothing: it was used, is too old, was replaced or overtaken, or never was one of ours."""


class WrongCredentials(GatehouseError):
    """The email is unknown or the password is wrong; nobody is told which (promise 11)."""


class TooManyTries(GatehouseError):
    """A limit was reached; after ``wait`` seconds another try is allowed."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"another try is allowed in {wait} s")
        self.wait = wait


class NewBrowsersRefused(TooManyTries):
    """Too many tries in a row have failed for an account: for ``wait`` seconds it lets only browsers in that it knows.

    So it is for emails that no account has.
    """


class Busy(GatehouseError):
    """The queue for a costly piece of work is full; ``wait`` is a fair number of seconds to come back after."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"the queue is full; try again in {wait} s")
        self.wait = wait


class StoreUnavailable(GatehouseError):
    """Redis or the database did not answer; whether a write was applied is not known."""

    def __init__(self, store: str) -> None:
        super().__init__(f"{store} did not answer")


class NotMigrated(GatehouseError):
    """The database lacks tables that this version needs."""

    def __init__(self) -> None:
        super().__init__("the database is not migrated: run python -m webapp migrate")
