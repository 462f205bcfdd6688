"""``python -m webapp <command>``: what an operator does with Gatehouse."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from .accounts import migrate
from .errors import SettingsError
from .server import serve
from .settings import Settings

# What shells and argparse use for a command that was called wrongly; here the environment is part of the call.
FAULTY_CALL = 2


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; 2 when the settings are faulty, with every fault on stderr."""
    command: Callable[[Settings], None] = _parser().parse_args(words).command
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        print(*error.faults, sep="\n", file=sys.stderr)
        return FAULTY_CALL
    command(settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp", description="Run and look after Gatehouse.")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("serve", help="serve the site on PORT until SIGTERM").set_defaults(command=serve)
    commands.add_parser("migrate", help="bring the database up to date").set_defaults(command=_migrate)
    return parser


def _migrate(settings: Settings) -> None:
    migrate.upgrade(settings.database_url)


if __name__ == "__main__":
    sys.exit(main())
