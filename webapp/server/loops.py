"""The event loops that there are. uvloop, measured here, made no page faster, so it is no requirement."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import cast

# Each is a module with a function new_event_loop.
LOOPS = ("asyncio", "uvloop")


def is_installed(name: str) -> bool:
    """Tell whether there is an event loop of this name; nothing is imported for it."""
    return name in LOOPS and find_spec(name) is not None


def loop_factory(name: str) -> Callable[[], AbstractEventLoop]:
    """Return what makes event loops of this name; raises ImportError when it is not installed."""
    return cast("Callable[[], AbstractEventLoop]", import_module(name).new_event_loop)
