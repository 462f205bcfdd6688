"""What is kept about people: told in plain words, and given to them whole (GDPR, articles 13, 15 and 20).

kept         a description of all that is kept, where, why and for how long; true by a test
model        one kind of thing that is kept
in_sql       the part of it that stands in the database
in_redis     the part that stands in Redis
elsewhere    the part that stands in browsers, logs and mails
exporting    everything about one person
"""

from .exporting import as_text, export
from .kept import Kept, describe_kept

__all__ = ["Kept", "as_text", "describe_kept", "export"]
