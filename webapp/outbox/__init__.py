"""What a change in SQL still owes: mails to be sent, sessions to be ended, an account to be erased one day.

Whoever changes something writes an entry in the same transaction, so that either both stand or neither does. What an
entry asks for is done afterwards, by any process, again and again until it is done or not worth doing any more.

model     an entry
tables    how it is kept
store     putting entries in, claiming them, and taking them out
errors    how a handler says that trying again would not help, or that it may be done already
attempts  one attempt, and what becomes of the entry: taken out, tried later, or given up
renewing  holding a claim while somebody is at its entry
sweeping  housekeeping now and then
runner    the task in the server that does what they ask for
"""

from .attempts import Handler
from .errors import GiveUp, NotYet
from .model import Entry
from .runner import Runner, Timings
from .store import Outbox

__all__ = ["Entry", "GiveUp", "Handler", "NotYet", "Outbox", "Runner", "Timings"]
