"""``accounts create|role|export|erase EMAIL``: what an operator does for people who do not do it themselves."""

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from getpass import getpass

from webapp.accounts.model import ROLES, Account, Role
from webapp.errors import EmailTaken, StoreUnavailable, WeakPassword
from webapp.outbox import Entry
from webapp.personal_data import as_text, export
from webapp.wiring import Services

from .running import CommandFailed, account_of, run
from .tables import printable

GONE = "The account was deleted at this very moment."


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
    exporting = actions.add_parser("export", help="print everything about a person as JSON")
    exporting.add_argument("email", metavar="EMAIL")
    exporting.set_defaults(run=lambda call: run(partial(_export, email=call.email)))
    _describe_erasing(actions.add_parser("erase", help="erase an account in a week, as its owner would; or at once"))


def _describe_erasing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("--now", action="store_true", help="erase at once; nobody can bring it back")
    parser.add_argument("--yes", action="store_true", help="do not ask for the email once more")
    parser.set_defaults(run=_erase_from)


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
    changed = await services.accounts.set_role(found.id, role)
    if changed is None:
        raise CommandFailed(GONE)
    account, entries = changed
    late = "sessions that are open keep the old one until a server can tell them"
    await _settle(services, entries, "The role is changed", late)
    print(f"{printable(account.email)} is {_with_article(account)} now, in open sessions too.")


async def _export(services: Services, email: str) -> None:
    account = await account_of(services, email)
    document = await export(services, account.id)
    if document is None:
        raise CommandFailed(GONE)
    # A terminal that knows fewer letters would spell them in a way that is no JSON.
    print(as_text(document, ascii_only=True))


def _erase_from(call: argparse.Namespace) -> int:
    if not call.yes:
        _ask_whether(call.email)
    return run(partial(_erase_now if call.now else _plan_erasure, email=call.email))


def _ask_whether(email: str) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandFailed("Nobody is there to be asked; --yes says that it is meant. Nothing was done.")
    # Not input(), which fails where Ctrl-D ends the answer before it began.
    print("Type the email once more to erase its account: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != email:
        raise CommandFailed("This was another email. Nothing was done.")


async def _plan_erasure(services: Services, email: str) -> None:
    found = await account_of(services, email)
    planned = await services.erasures.plan(found.id, by_operator=True)
    if planned is None:
        raise CommandFailed(GONE)
    account, entries = planned
    day = f"{account.erase_at:%Y-%m-%d %H:%M} UTC"
    await _settle(
        services, entries, f"The account is erased on {day}", "sessions stay open until a server can end them"
    )
    print(f"{printable(account.email)} is signed out everywhere, and erased on {day} unless its owner signs in before.")


async def _erase_now(services: Services, email: str) -> None:
    found = await account_of(services, email)
    entries = await services.erasures.erase_now(found.id)
    if entries is None:
        raise CommandFailed(GONE)
    late = "its sessions stay in there until a server can end them"
    await _settle(services, entries, "The account is erased", late)
    print(f"The account of {printable(found.email)} is erased.")


async def _settle(services: Services, entries: Iterable[Entry], done: str, late: str) -> None:
    """Do at once what a change owes; where Redis is away, fail with what is ``done`` and what comes ``late``."""
    try:
        await services.deeds.settle(entries)
    except StoreUnavailable as failure:
        raise CommandFailed(f"{done}, but {failure}: {late}.") from failure


def _with_article(account: Account) -> str:
    return f"an {account.role}" if account.role == "admin" else f"a {account.role}"
