"""The SQL database, for the topics that keep rows in it.

opening      makes the engine for what the settings name
waiting      says in one way that it does not answer, and ends every wait
batches      deletes any number of rows
columns      what all tables share: how their constraints are named, and how they keep a moment
revisions    tells how far a database has been migrated
migrate      brings the tables to what this version needs, by the steps in migrations
"""

from .batches import delete_in_batches
from .columns import UtcDateTime, metadata
from .opening import POOL_SIZE, Database, autocommitting, open_database, open_engine, read_url
from .waiting import NAME, answering

__all__ = [
    "NAME",
    "POOL_SIZE",
    "Database",
    "UtcDateTime",
    "answering",
    "autocommitting",
    "delete_in_batches",
    "metadata",
    "open_database",
    "open_engine",
    "read_url",
]
