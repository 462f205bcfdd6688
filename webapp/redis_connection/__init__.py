"""The Redis that the settings name: how it is opened, how long it is waited for, and what outlives a failover.

opening     which client an address means
clients     those of one server, each call bounded in time
sentinel    following the primary that the sentinels name
cluster     the client of a cluster
replication waiting until a replica has what was written
silence     sparing everybody the wait for a Redis that says nothing
stray       what escapes from redis-py
scripts     one Lua script, sent by its hash
"""

from .clients import RedisClient
from .opening import open_redis

__all__ = ["RedisClient", "open_redis"]
