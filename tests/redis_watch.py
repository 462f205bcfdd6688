"""What Redis saw during a call, on whichever of its servers that was."""

from collections.abc import Awaitable
from contextlib import AsyncExitStack

from redis.asyncio.client import Monitor
from redis_forms import Deployment

BEGIN, END = "ECHO begin", "ECHO end"
# Servers and their sentinels talk to each other all the time.
TALK = {"PING", "INFO", "PUBLISH", "REPLCONF", "SUBSCRIBE"}


async def commands_of(redis: Deployment, call: Awaitable[object]) -> tuple[list[str], list[str]]:
    """Give the names of the commands that were sent during a call, and of those that scripts ran."""
    sent: list[str] = []
    inside: list[str] = []
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.connect()) for server in redis.primaries()]
        monitors = [await stack.enter_async_context(client.monitor()) for client in clients]
        for client in clients:
            await client.echo("begin")
        await call
        for client in clients:
            await client.echo("end")
        for monitor in monitors:
            await _read(monitor, sent, inside)
    return sent, inside


async def _read(monitor: Monitor, sent: list[str], inside: list[str]) -> None:
    while (await monitor.next_command())["command"] != BEGIN:
        pass
    while (seen := await monitor.next_command())["command"] != END:
        name = seen["command"].split()[0].upper()
        if seen["client_type"] == "lua":
            inside.append(name)
        elif name not in TALK:
            sent.append(name)
