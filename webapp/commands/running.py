"""What every command about people does: opens the services, finds the account, and fails with a sentence."""

import asyncio
import os
from collections.abc import Awaitable, Callable

from webapp.accounts.model import Account
from webapp.accounts.passwords import PasswordHasher
from webapp.errors import GatehouseError, NotMigrated, StoreUnavailable
from webapp.settings import Settings
from webapp.wiring import Services, connect_services

from .sqlite_file import fault_of_file

# Exit statuses: what was asked was done; it was not, and stderr says why.
DONE, FAILED = 0, 1


class CommandFailed(GatehouseError):
    """A command could not do what it was asked; the message is a sentence for the operator."""


def run(work: Callable[[Services], Awaitable[None]]) -> int:
    """Do ``work`` with the services that the environment names, and return the exit status.

    Raises SettingsError for a faulty environment, and every other GatehouseError as a sentence for the operator.
    """
    settings = Settings.from_env(os.environ)
    if fault := fault_of_file(settings.database_url):
        raise CommandFailed(fault)
    asyncio.run(_run(work, settings))
    return DONE


async def _run(work: Callable[[Services], Awaitable[None]], settings: Settings) -> None:
    async with connect_services(settings, PasswordHasher()) as services:
        try:
            # Else the first look for an account would fail for a table that is missing.
            if not await services.accounts.is_migrated():
                raise NotMigrated
            await work(services)
        except StoreUnavailable as failure:
            raise CommandFailed(
                f"{failure}, so nobody knows what was done of this. Doing it again is harmless; python -m webapp "
                "doctor says what is wrong."
            ) from failure


async def account_of(services: Services, email: str) -> Account:
    """Find the account of ``email``; raises CommandFailed when there is none."""
    account = await services.accounts.find_by_email(email)
    if account is None:
        raise CommandFailed("There is no account with this email.")
    return account
