"""What happened to an account, for its owner to read (SQL).

model     an event
tables    how it is kept
store     writing events, reading them by pages, and cutting addresses when a session is over
"""

from .model import NOWHERE, Event, Origin, now
from .store import History

__all__ = ["NOWHERE", "Event", "History", "Origin", "now"]
