"""Many people at once, and what comes of their visits."""

import asyncio

from session_world import World

from webapp.sessions.model import Started

# So many that some are on every node of a cluster.
PEOPLE = 30


async def crowd(world: World) -> list[Started]:
    """Sign people in, some on every node."""
    return list(await asyncio.gather(*(world.sign_in(world.person()) for _ in range(PEOPLE))))


async def outcomes(world: World, people: list[Started]) -> set[object]:
    """Let everybody visit at the same moment, and give what came of it: True, False, or the type of an error."""
    visits = await asyncio.gather(*(world.resumes(one.token) for one in people), return_exceptions=True)
    return {type(visit) if isinstance(visit, BaseException) else visit for visit in visits}
