"""The soak of the renewal of secrets: whoever holds a session's cookie alone is never taken for two.

People use several tabs at once, on a road where requests and answers are slow and get lost, while the server is
restarted, Redis is killed, and its clock jumps: hours pass within minutes. Each session's secret is renewed all the
time, and nobody may be signed out.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from session_fields import sessions_in
from session_world import SESSIONS
from soak.house import House
from soak.ledger import Ledger
from soak.people import Crowd, Person
from soak.record import Promise, Record
from soak.renewal_clock import MovedRedis
from soak.renewal_road import Road, RoughWire
from soak.renewal_tabs import DEVICES, Tab, Tabs
from soak.table import Machine
from soak.trial import seed

from webapp.dev.redis_server import EMBEDDED_BINARY

# A session is in use for as long as all of it takes, by its own clock.
SETTINGS = {"WEB_CONCURRENCY": "2", "SESSION_IDLE": "7d", "SESSION_LIFETIME": "90d"}

# Seconds that pass while nobody is under way: so long that an offer that was lost is followed by another one, or that
# another secret is due.
LONG = (61, 90, 300, 600, 600, 600, 1800)
# Seconds by which the clock jumps while people are under way. A minute is how long requests and answers may take (GRACE
# in secrets.lua), so of two jumps forward within the same while it must not be more. Back may be any.
SHORT = (-600, -300, -60, -5, 5, 15, 25)
# Seconds for which a tab rests at most between two things.
REST = 0.2
# Seconds between two looks at how far the people are.
POLL = 0.02


@dataclass(frozen=True, slots=True)
class Load:
    """How much is done: so many requests, by so many people with so many tabs on each of two devices.

    In the meantime the clock jumps twice per step, the server is restarted and Redis is killed, each so many times.
    With ``until_broken`` no more is done once a promise was broken.
    """

    requests: int
    people: int = 12
    tabs: int = 3
    steps: int = 80
    restarts: int = 2
    kills: int = 2
    until_broken: bool = False


@dataclass(slots=True)
class Result:
    """What came of it; ``seed`` is where its chance began."""

    name: str
    seed: int
    record: Record
    seconds: float
    renewals: int
    events: Counter[str]
    machine: Machine


@dataclass
class RenewalTrial:
    """One trial with one house."""

    house: House[MovedRedis]
    load: Load
    seed: int = field(default_factory=seed)
    record: Record = field(default_factory=Record)
    road: Road = field(default_factory=Road)
    wire: type[RoughWire] = RoughWire

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        ledger = Ledger(self.record)
        self.crowd = Crowd(ledger, self._chance)
        self.tabs = Tabs(self.crowd, self.road)
        for number in range(self.load.people):
            wire = self.wire(self.house.port, f"127.0.0.{10 + number}", self.road, self._chance)
            self.crowd.people.append(Person.new(ledger, wire))

    async def run(self, name: str) -> Result:
        """Let everybody come, use the site and look once more."""
        await asyncio.gather(*map(self.tabs.arrive, self.crowd.people))
        tabs = [Tab(person, device) for person in self.crowd.people for device in person.living * self.load.tabs]
        assert len(tabs) == DEVICES * self.load.people * self.load.tabs, "Before it began, somebody could not sign in."
        began = time.monotonic()
        everybody = [asyncio.create_task(self._use(tab)) for tab in tabs]
        await self._disturb()
        await asyncio.gather(*everybody)
        seconds = time.monotonic() - began
        await asyncio.gather(*map(self.tabs.look_at_last, tabs))
        await asyncio.to_thread(self._look_for_alarms)
        for person in self.crowd.people:
            await person.wire.close()
        machine = Machine(self.load.people, self.house.postgres.version(), EMBEDDED_BINARY)
        return Result(name, self.seed, self.record, seconds, self.tabs.renewals, self.road.counts, machine)

    async def _use(self, tab: Tab) -> None:
        while not self._done(1.0):
            await asyncio.sleep(self._chance.uniform(0, REST))
            await self.tabs.use(tab)

    async def _disturb(self) -> None:
        """Let things happen, each when its share of the requests was made."""
        load = self.load
        kinds: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (load.steps, self._step),
            (load.restarts, self._restart),
            (load.kills, self._kill),
        ]
        # Those of one kind at equal distances, and never before the first look.
        events = [((place + 0.5) / count, happen) for count, happen in kinds for place in range(count)]
        for share, happen in sorted(events, key=lambda event: event[0]):
            while not self._done(share):  # noqa: ASYNC110 - a poll is enough.
                await asyncio.sleep(POLL)
            await happen()

    async def _step(self) -> None:
        """Let the clock jump a little while people are under way, and then far while nobody is."""
        jump = self._chance.choice(SHORT)
        await asyncio.to_thread(self.house.redis.move, jump)
        await asyncio.sleep(self._chance.uniform(0, REST))
        async with self.road.quiet():
            # Whatever it went back, it makes up for.
            await asyncio.to_thread(self.house.redis.move, self._chance.choice(LONG) - min(jump, 0))
        self.road.counts["jumps"] += 2

    async def _restart(self) -> None:
        """Restart the server, as a deploy does, while people are under way."""
        async with self.road.unserved():
            await asyncio.to_thread(self.house.server.stop)
            await asyncio.to_thread(self.house.server.start)
        self.road.counts["restarts"] += 1

    async def _kill(self) -> None:
        """Let Redis end as by a power cut, while people are under way, and start it again."""
        await asyncio.to_thread(self.house.redis.kill)
        await asyncio.to_thread(self.house.redis.start)
        self.road.counts["kills"] += 1

    def _done(self, share: float) -> bool:
        broken = self.load.until_broken and self.record.offences
        return bool(broken) or self.record.requests >= share * self.load.requests

    def _look_for_alarms(self) -> None:
        """Judge what Redis says of sessions that were ended: nobody has ended one."""
        redis = self.house.redis
        sessions = [sessions_in(redis.cli("HGETALL", key)) for key in redis.cli("KEYS", f"{SESSIONS}*")]
        for alarm in [record for records in sessions for record in records.values() if "reason" in record]:
            self.record.broke(Promise.STAY_IN, f"a session was ended for {alarm['reason']!r}", [str(alarm)])
