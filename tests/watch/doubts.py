"""A sign-in that its owner says was somebody else's, and what that works with."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

from account_world import World, open_world
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import Browsers, ShownBrowser
from webapp.accounts.model import Account
from webapp.errors import StoreUnavailable
from webapp.history import Event, History, Origin
from webapp.history.model import now
from webapp.sessions.model import Listing, Session
from webapp.sessions.service import SessionService
from webapp.watch.not_me import NotMeRooms, NotMeService

SESSION, BROWSER = "s" * 22, "b" * 16
THIEF = Origin(SESSION, "phone:Safari on iPhone", "203.0.113.66", "Berlin, Germany")
OWNER = Origin("", "computer:Firefox on Linux", "198.51.100.7")


@dataclass
class Somewhere:
    """Sessions that are listed, where Redis is there."""

    living: list[Session] | None = field(default_factory=list)

    async def list(self, _: str) -> Listing:
        """Give them."""
        if self.living is None:
            raise StoreUnavailable("Redis")
        return Listing(tuple(self.living), 0)


@dataclass
class Door:
    """The service, and what it works with."""

    world: World
    service: NotMeService
    rooms: NotMeRooms
    sessions: Somewhere
    engine: AsyncEngine
    ada: Account

    async def mail(self, **changes: object) -> str:
        """Note a sign-in on a known browser, and give the token of its link."""
        seed, hashed = self.world.links.new_token()
        happened = Event(
            "signed-in", self.ada.id, now(), THIEF, {}, BROWSER, hashed, now() + timedelta(days=7), f"in:{hashed[:22]}"
        )
        await self.rooms.history.add(replace(happened, **changes))  # type: ignore[arg-type]  # Any field of it.
        async with self.engine.begin() as db:
            await self.rooms.browsers.know(db, self.ada.id, ShownBrowser(BROWSER, given="g" * 43), now())
        return self.world.links.token_of(seed, hashed) or ""

    async def knows_browser(self) -> bool:
        """Tell whether the browser of the sign-in is known."""
        return await self.rooms.browsers.knows(self.ada.id, ShownBrowser(BROWSER, "g" * 43))

    async def told(self) -> list[Event]:
        """Give what the history tells of it."""
        return [event for event in await self.rooms.history.of(self.ada.id) if event.kind == "not-me"]

    async def resets(self) -> list[str]:
        """Name the living links to a new password."""
        return [link.purpose for link in await self.world.store.links_of(self.ada.id) if link.purpose == "reset"]

    async def has_done_nothing(self) -> bool:
        """Tell whether nothing came of the link yet."""
        owed = await self.world.owed(self.ada, "session")
        return await self.knows_browser() and not (owed or await self.told() or await self.resets())


async def open_door(engine: AsyncEngine) -> Door:
    """Register Ada."""
    world = open_world(engine)
    ada = await world.register()
    history, browsers = History(engine), Browsers(engine)
    sessions = Somewhere()
    rooms = NotMeRooms(
        engine,
        world.outbox,
        history,
        browsers,
        world.store,
        world.changes,
        cast("SessionService", sessions),
        world.links,
    )
    return Door(world, NotMeService(rooms), rooms, sessions, engine, ada)
