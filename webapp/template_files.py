"""The files of templates: read once, when serving begins, and compiled when each is first wanted.

A deploy may have put the next version's files in their place by then, which are for other code than this.
"""

from collections.abc import Callable, Iterable
from typing import cast

from jinja2 import BaseLoader, Environment, FunctionLoader

# What a loader gives of a template: its text, its file, and what tells whether that is still the same.
Source = tuple[str, str | None, Callable[[], bool] | None]


def read_files(environment: Environment, names: Iterable[str]) -> None:
    """Read the file of each of these templates; ``environment`` knows no others from then on."""
    loader = cast(BaseLoader, environment.loader)
    sources: dict[str, Source] = {name: loader.get_source(environment, name) for name in names}
    environment.loader = FunctionLoader(sources.get)
