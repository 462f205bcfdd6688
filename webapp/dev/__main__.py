"""``python -m webapp.dev``: what ``make run`` starts."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

from .embedded_redis import EmbeddedRedis
from .instance import environment, needs_redis
from .reloading import WebProcess, serve_until

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run until Ctrl-C, SIGTERM or the terminal's end; the exit status is that of what failed, else 0."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    folder = ROOT / "instance"
    folder.mkdir(mode=0o700, exist_ok=True)
    filled = environment(os.environ, folder)
    try:
        with EmbeddedRedis(folder / "redis") if needs_redis(filled) else nullcontext() as own:
            if own is None:
                return _run(stopping, filled, lambda: None)
            return _run(stopping, filled | {"REDIS_URL": own.url}, own.look)
    except RuntimeError as error:
        return _fail(str(error))


def _run(stopping: threading.Event, filled: Mapping[str, str], look: Callable[[], None]) -> int:
    # The operator's own command, which also tells what is wrong with the settings.
    migrated = subprocess.run([sys.executable, "-m", "webapp", "migrate"], cwd=ROOT, env=filled, check=False)
    if migrated.returncode:
        return migrated.returncode
    if _is_taken(int(filled["PORT"])):
        return _fail(f"Port {filled['PORT']} is taken; choose another: make run PORT=8001")
    serve_until(stopping, WebProcess(ROOT, filled), ROOT, look)
    return 0


def _is_taken(port: int) -> bool:
    try:
        # Every address of localhost is tried, of IPv4 and of IPv6.
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
