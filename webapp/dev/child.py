"""``python -m webapp serve`` that does not outlive the development run that started it, however that run went.

A run that is killed cannot end anything, and its web process would keep the port. So the run holds one end of a pipe
and this process the other; the system closes a pipe on every way out. Production knows nothing of it.
"""

import os
import runpy
import signal
import sys
import threading
import time

# Requests of ours take well under a second; what has not ended by then hangs.
STOP_SECONDS = 10


def main(pipe: int) -> None:
    """Serve until SIGTERM, or until nobody holds the other end of ``pipe``, a descriptor to read from."""
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
    sys.argv[1:] = ["serve"]
    # Run and not imported: this is the very command that production runs.
    runpy.run_module("webapp", run_name="__main__", alter_sys=True)


def _end_with(pipe: int) -> None:
    # Nothing is ever written, so this waits for the end of the run.
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
