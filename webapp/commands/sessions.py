"""``sessions list|end|end-all EMAIL``: where somebody is signed in, and ending it for them (ASVS 7.4.5)."""

import argparse
from functools import partial

from webapp.sessions.model import Cause, Session
from webapp.wiring import Services

from .running import CommandFailed, account_of, run
from .tables import moment, table

BY_OPERATOR = Cause("operator")
HEADS = ("id", "signed in (UTC)", "last seen", "ends", "kept", "address", "device")


def describe(parser: argparse.ArgumentParser) -> None:
    """Give the ``sessions`` command its actions."""
    actions = parser.add_subparsers(required=True, metavar="action")
    listing = actions.add_parser("list", help="list where an account is signed in")
    listing.set_defaults(run=lambda call: run(partial(_list, email=call.email)))
    ending = actions.add_parser("end", help="end one session")
    ending.set_defaults(run=partial(_end_from, ending))
    ending_all = actions.add_parser("end-all", help="end every session of an account")
    ending_all.set_defaults(run=lambda call: run(partial(_end_all, email=call.email)))
    for action in (listing, ending, ending_all):
        action.add_argument("email", metavar="EMAIL")
    # An id may begin with a dash, and would be taken for an option; the rest of the words never is.
    ending.add_argument("id", metavar="ID", nargs=argparse.REMAINDER, help="as the list shows it")


def _end_from(parser: argparse.ArgumentParser, call: argparse.Namespace) -> int:
    if len(call.id) != 1:
        parser.error("name one session by its ID, as the list shows it")
    return run(partial(_end, email=call.email, session_id=call.id[0]))


async def _list(services: Services, email: str) -> None:
    account = await account_of(services, email)
    listing = await services.sessions.list(account.id)
    if listing.sessions:
        print(table(HEADS, [_row(session) for session in listing.sessions]))
    else:
        print("This account is signed in nowhere.")


async def _end(services: Services, email: str, session_id: str) -> None:
    account = await account_of(services, email)
    if not await services.sessions.end(account.id, session_id, BY_OPERATOR):
        raise CommandFailed("No session was ended: this account has none of this id, or it had ended already.")
    print("1 session was ended.")


async def _end_all(services: Services, email: str) -> None:
    account = await account_of(services, email)
    ended = len(await services.sessions.end_all(account.id, BY_OPERATOR))
    print("1 session was ended." if ended == 1 else f"{ended} sessions were ended.")


def _row(session: Session) -> tuple[str, ...]:
    kept = "yes" if session.remembered else "no"
    label = session.device.label
    device = f"{session.name} ({label})" if session.name else label
    times = moment(session.created), moment(session.seen), moment(session.ends)
    return session.id, *times, kept, session.address, device
