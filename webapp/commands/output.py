"""Standard output, where commands write their answers: a terminal, a file, a program that stops reading, or nothing."""

import io
import os
import sys


def take_any_text() -> None:
    """Spell out what a terminal's encoding has no letters for: a command must not fail after it has done its work."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def hand_over() -> None:
    """Write what was printed so far; raises BrokenPipeError when its reader has gone."""
    # Python has none where it was closed.
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up() -> None:
    """Write no more, since the reader has gone; else Python would try again on its way out, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
