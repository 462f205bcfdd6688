"""The Redis that the settings name: how it is opened, how long it is waited for, and what outlives a failover.

opening     which client an address means
clients     those of one server, each call bounded in time
sentinel    following the primary that the sentinels name
cluster     the client of a cluster
replication waiting until a replica has what was written
pipelining  what is asked for at the same time, sent together
pool        connections that are at hand, taken at once
silence     sparing everybody the wait for a Redis that says nothing
stray       what escapes from redis-py
scripts     one Lua script, sent by its hash

subscription          hearing at once what Redis tells, on a connection of its own
subscription_cluster  the same of a cluster, whose nodes tell of their own accounts each
subscription_line     the line to one server, made again whenever it is lost
subscription_talk     what is said on one connection of such a line
subscription_outage   what the operator is told of lines that are lost
"""

from .clients import RedisClient
from .opening import open_redis
from .subscription import Subscription, open_subscription

__all__ = ["RedisClient", "Subscription", "open_redis", "open_subscription"]
