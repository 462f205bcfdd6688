"""``python -m webapp <command>``: what an operator does with Gatehouse."""

import gc

# What is imported stays, and the collector would look through all of it several times: a sixth of the start.
gc.disable()

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from .commands import accounts, doctor, output, sessions
from .commands.running import DONE, FAILED
from .errors import GatehouseError, SettingsError
from .logs import configure_logging
from .server import LOOPS, serve
from .settings import Settings

gc.freeze()
gc.enable()

# Further exit statuses. 2 is what shells and argparse use for a command that was called wrongly; here the environment
# is part of the call. 130 is what shells give for one that was ended by Ctrl-C, 141 for one that nobody listened to.
FAULTY_CALL, INTERRUPTED, UNHEARD = 2, 130, 141


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    1 when it failed, with a sentence on stderr; 2 when the settings are faulty, with every fault there.
    """
    call = _parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = call.run
    try:
        status = run(call)
        output.hand_over()
    except BrokenPipeError:
        # head and the like go when they have seen enough.
        output.give_up()
        return UNHEARD
    except SettingsError as error:
        print(*error.faults, sep="\n", file=sys.stderr)
        return FAULTY_CALL
    except GatehouseError as error:
        print(_sentence(error), file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp", description="Run and look after Gatehouse.")
    commands = parser.add_subparsers(required=True, metavar="command")
    _describe_serve(commands.add_parser("serve", help="serve the site on PORT until SIGTERM"))
    commands.add_parser("migrate", help="bring the database up to date").set_defaults(run=_migrate)
    doctor.describe(commands.add_parser("doctor", help="say what is wrong with settings, Redis, database and proxies"))
    sessions.describe(commands.add_parser("sessions", help="list and end the sessions of an account"))
    accounts.describe(commands.add_parser("accounts", help="open an account, change its role, export or erase it"))
    return parser


def _describe_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_serve)
    parser.add_argument("--loop", choices=LOOPS, default=LOOPS[0], help="the event loop (default: %(default)s)")


def _serve(call: argparse.Namespace) -> int:
    return serve(Settings.from_env(os.environ), loop=call.loop)


def _migrate(_: argparse.Namespace) -> int:
    # Here, since the server never needs it: with Alembic each of its processes would be 12 MB larger.
    from .database import migrate  # noqa: PLC0415

    print(migrate.upgrade(Settings.from_env(os.environ).database_url))
    return DONE


def _sentence(error: GatehouseError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


if __name__ == "__main__":
    # People read what commands have to say on the way; the server chooses for itself.
    configure_logging(production=False)
    output.take_any_text()
    sys.exit(main())
