"""Nothing on the way of a request is synchronous: Quart sends each such function to a thread."""

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any

from quart import Quart
from structure.routes import UNOPENED

from webapp.factory import create_app
from webapp.settings import Settings

HOOKS = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "before_websocket_funcs",
    "after_websocket_funcs",
    "teardown_websocket_funcs",
    "template_context_processors",
)
# Each blueprint brings a context processor of Flask's. It is never called, as Quart renders nothing (templating.py).
FLASKS_OWN = "flask.templating"
LIFE = ("before_serving_funcs", "after_serving_funcs", "teardown_appcontext_funcs")


def test_every_handler_and_hook_is_asynchronous() -> None:
    app = create_app(Settings.from_env(UNOPENED))
    assert [name for name, function in parts(app) if not iscoroutinefunction(function)] == []


def test_parts_are_all_that_an_application_has() -> None:
    """Hooks of each kind are found; otherwise the test above would see nothing."""
    app = Quart(__name__)

    def synchronous(*_: object) -> None:
        """Stand for anything."""

    # Quart's types know for some hooks that this is wrong; its code takes it.
    hook: Any = synchronous

    app.add_url_rule("/", "home", hook)
    app.before_request(hook)
    app.after_request(hook)
    app.teardown_request(hook)
    app.teardown_appcontext(hook)
    app.before_serving(hook)
    app.context_processor(hook)
    app.register_error_handler(404, hook)
    assert len([name for name, function in parts(app) if function is hook]) == 8


def parts(app: Quart) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give every function that answers, or runs before or after an answer, with a name for it."""
    yield from app.view_functions.items()
    for kind in HOOKS:
        for functions in getattr(app, kind).values():
            yield from ((kind, function) for function in functions if function.__module__ != FLASKS_OWN)
    for kind in LIFE:
        yield from ((kind, function) for function in getattr(app, kind))
    for by_code in app.error_handler_spec.values():
        for handlers in by_code.values():
            yield from ((str(error), handler) for error, handler in handlers.items())
