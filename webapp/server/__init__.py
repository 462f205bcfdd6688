"""Hypercorn, in as many processes as WEB_CONCURRENCY says: where it listens, how patient it is, and how it stops.

Nothing outside this room depends on which server it is. Hypercorn speaks HTTP; everything around it is done here,
because alone it ends without the application's hooks, waits for open streams for ever, and grants every ``Upgrade:
h2c`` (seen with 0.18; docs/decisions, 10). From the outside inwards:

    listening      opens the port
    supervisor     the parent: keeps the workers running and ends them
    worker         one process: hooks at the start, requests, hooks at the end
    acceptor       accepts clients while there is room
    files          for how many clients there are open files, and for how many streams among them
    connections    all that are open, and how they come to their end
    connection     one client, and how long it may take for what
    http1          what is spoken: HTTP/1.1 and nothing else
    exchange       one request and its answer
    lifespan       the application's hooks
    loops          the event loops there are
    timings        every duration
"""

from dataclasses import replace
from functools import partial

from webapp.errors import SettingsError
from webapp.logs import configure_logging
from webapp.main import build
from webapp.settings import Settings
from webapp.web.headers import security_headers

from .files import connections_at_once, with_files_for_streams
from .listening import listen
from .loops import LOOPS, is_installed
from .supervisor import Supervisor
from .timings import Timings
from .worker import Worker

__all__ = ["LOOPS", "serve"]


def serve(settings: Settings, *, loop: str = "asyncio") -> int:
    """Serve until SIGTERM or SIGINT, finish what is under way, and return the exit status.

    The status is 0 when all went well, and 1 when no worker could start or one could not be ended in good order.
    ``loop`` is one of LOOPS; raises SettingsError when it is not installed. Exits with a sentence when the port is
    taken.
    """
    if not is_installed(loop):
        raise SettingsError((f"The event loop {loop} is not installed: pip install {loop}, or leave --loop out.",))
    configure_logging(production=settings.production)
    listeners = listen(settings)
    timings = _timings(settings)
    # Before the first worker is forked, which has the limits of this process.
    settings = with_files_for_streams(settings)
    most = connections_at_once(settings.session_streams)
    worker = Worker(partial(build, settings), listeners, loop, timings, security_headers(settings), most=most)
    return Supervisor(worker.run, listeners, settings.web_concurrency, timings).run()


def _timings(settings: Settings) -> Timings:
    # A developer's browser keeps connections open, and nobody wants to wait for them at each reload.
    return Timings() if settings.production else replace(Timings(), lingering=0)
