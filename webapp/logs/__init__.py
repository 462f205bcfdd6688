"""What the operator reads: one line for whatever happened, on standard error, with no secret in it.

configuration   ``configure_logging``: every line of this process comes here, whoever writes it
requests        the request that a line was written in; the access log makes it, others fill it
json_lines      how a line looks in production
readable        how it looks in development
contents        what both take from Python's log records
tracebacks      where an exception came from, short enough for a line
secret_paths    which paths are secrets themselves, and what is left of them
scrubbing       what no line may hold, and how it is masked
handler         one write a line
"""

from .configuration import configure_logging

__all__ = ["configure_logging"]
