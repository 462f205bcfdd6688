"""``accounts create|role EMAIL``: people who do not register themselves, and what they may do."""

import argparse
import sys
from functools import partial
from getpass import getpass

from webapp.accounts.model import ROLES, Account, Role
from webapp.errors import EmailTaken, StoreUnavailable, WeakPassword
from webapp.wiring import Services, snapshot_of

from .running import CommandFailed, account_of, run
from .tables import printable


def describe(parser: argparse.ArgumentParser) -> None:
    """Give the ``accounts`` command its actions. A password is never one of the words: other users can see those."""
    actions = parser.add_subparsers(required=True, metavar="action")
    creating = actions.add_parser("create", help="open an account; the password is asked for, or is a line of stdin")
    creating.add_argument("email", metavar="EMAIL")
    creating.add_argument("--name", help="the person's name; without it, what stands before the @ of the email")
    creating.add_argument("--role", choices=ROLES, default="member")
    creating.set_defaults(run=_create_from)
    role = actions.add_parser("role", help="give an account another role, at once in its open sessions too")
    role.add_argument("email", metavar="EMAIL")
    role.add_argument("role", choices=ROLES)
    role.set_defaults(run=lambda call: run(partial(_set_role, email=call.email, role=call.role)))


def _create_from(call: argparse.Namespace) -> int:
    name = call.email.partition("@")[0] if call.name is None else call.name
    # Asked for before anything is opened: nothing is kept waiting while somebody thinks.
    password = _ask_for_password()
    return run(partial(_create, email=call.email, name=name, password=password, role=call.role))


def _ask_for_password() -> str:
    # Python has none where it was closed.
    if sys.stdin is None:
        raise CommandFailed("There is nothing to read the password from. Nothing was done.")
    if not sys.stdin.isatty():
        return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise CommandFailed("These were two different passwords. Nothing was done.")
    return password


async def _create(services: Services, email: str, name: str, password: str, role: Role) -> None:
    try:
        account = await services.accounts.register(email, name, password, role)
    except EmailTaken:
        raise CommandFailed("There is an account with this email already. Nothing was done.") from None
    except WeakPassword as weak:
        raise CommandFailed(f"The password was refused. {weak.reason}") from None
    except ValueError as error:
        raise CommandFailed(str(error)) from None
    print(f"The account of {printable(account.email)} is open, as {_with_article(account)}.")


async def _set_role(services: Services, email: str, role: Role) -> None:
    found = await account_of(services, email)
    account = await services.accounts.set_role(found.id, role)
    if account is None:
        raise CommandFailed("The account was deleted at this very moment.")
    try:
        await services.sessions.put_account(snapshot_of(account))
    except StoreUnavailable as failure:
        raise CommandFailed(
            f"The role is changed, but {failure}: sessions that are open keep the old one. Run this again."
        ) from failure
    print(f"{printable(account.email)} is {_with_article(account)} now, in open sessions too.")


def _with_article(account: Account) -> str:
    return f"an {account.role}" if account.role == "admin" else f"a {account.role}"
