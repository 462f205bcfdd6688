"""How a write is made to outlive the server that took it."""

import logging
import time

log = logging.getLogger(__name__)

# Milliseconds that a write waits for a replica to have it too. A healthy one needs one, in another data centre a few; a
# replica that is longer busy with something else is as good as away. People wait as long with every write while it is.
REPLICATED_WITHIN = 300
WAIT = ("WAIT", 1, REPLICATED_WITHIN)
# Seconds between two complaints about the same replica.
COMPLAIN_EVERY = 300


class Complaint:
    """Tells the operator that replicas are gone or behind: at once, and again now and then."""

    def __init__(self) -> None:
        self._next = 0.0

    def make(self) -> None:
        """Write the warning, unless that was done a moment ago."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + COMPLAIN_EVERY
            log.warning(
                "No replica of Redis confirmed a write within %d ms: were the primary lost now, so were the latest "
                "sign-ins and sign-outs. Start the replica again or find what slows it down, or set "
                "min-replicas-to-write to 1 there to refuse writes without one.",
                REPLICATED_WITHIN,
            )


def is_replicated(answer: object, replicas: object) -> bool:
    """Tell whether a replica has what was written; raises what either command was answered with, if it failed."""
    for result in (answer, replicas):
        if isinstance(result, Exception):
            raise result
    return bool(replicas)
