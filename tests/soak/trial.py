"""One fault under load: people come, a part breaks and comes back, and everything that happened is judged."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from soak.acts import Act, Acts, act, open_account, sign_in, sign_in_elsewhere
from soak.browser import LIST, Browser
from soak.faults import Fault
from soak.house import House
from soak.ledger import SETTLED_AFTER, Ledger
from soak.looks import look, look_with
from soak.people import Crowd, Person
from soak.record import Promise, Record
from soak.wire import Wire

# Of those who registered in a trial, so many sign in at its end; each costs a hash.
ASKED_TO_RETURN = 6

# Seconds. Nobody waits this long where nothing is broken.
NOTICED = 0.8
# Seconds between two looks at whether somebody was.
POLL = 0.05

# What is promised, in seconds.
LONGEST_WAIT = 5.0
BACK_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Times:
    """How long a trial goes on before the fault and after it, how busy people are, and how patient its judge is.

    All in seconds; people pause between two looks, and between two acts, for so long in the mean. A fault lasts until
    somebody has noticed it, but for no more than ``until_noticed`` longer than it has to.
    """

    before: float = 3.0
    after: float = SETTLED_AFTER + 2
    between_looks: float = 0.3
    between_acts: float = 2.0
    until_noticed: float = 0.0
    longest_wait: float = LONGEST_WAIT
    back_within: float = BACK_WITHIN


@dataclass(slots=True)
class Outcome:
    """What one trial showed."""

    fault: Fault
    record: Record
    back_after: float
    broken_for: float


def seed() -> int:
    """Give where chance begins: a number of its own for each crowd, or that of SOAK_SEED.

    With the same one people want the same things, though the machine does not see to them in the very same moments.
    """
    return int(os.environ.get("SOAK_SEED") or secrets.randbelow(2**32))


@dataclass
class Trials:
    """Trials with one house and one crowd, one after the other."""

    house: House[Any]
    clients: int
    times: Times = field(default_factory=Times)
    ledger: Ledger = field(default_factory=Ledger)
    seed: int = field(default_factory=seed)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        addresses = [f"127.0.0.{10 + number}" for number in range(self.clients)]
        self._wires = [Wire(self.house.port, address, self._chance) for address in addresses]
        self.crowd = Crowd(self.ledger, self._chance)

    async def gather(self) -> None:
        """Let everybody register, and sign in on a second device."""
        self.crowd.people = [Person.new(self.ledger, wire) for wire in self._wires]
        await _each(self.crowd.people, self._arrive)
        absent = [person.account.email for person in self.crowd.people if len(person.living) != 2]
        offences = "\n".join(map(str, self.ledger.record.offences))
        assert not absent, f"Before anything was broken, these could not sign in: {absent}\n{offences}"

    async def run(self, fault: Fault) -> Outcome:
        """Break one part under load, mend it, and look at everything once more."""
        self.ledger.record = record = Record()
        self.ledger.undoing = fault.undoes
        self.crowd.newcomers.clear()
        async with self._under_load(fault.acts):
            await asyncio.sleep(self.times.before)
            broken, returned = await self._break(fault)
            await asyncio.sleep(self.times.after)
        await _each(self.crowd.everybody, self._look_at_everything)
        await _each(self.crowd.newcomers[:ASKED_TO_RETURN], self._return)
        outcome = Outcome(fault, record, max(0.0, record.last_failed()[0] - returned), returned - broken)
        judge_outcome(outcome, self.times)
        await asyncio.to_thread(fault.tidy, self.house)
        return outcome

    async def close(self) -> None:
        """Let everybody go."""
        for wire in self._wires:
            await wire.close()

    async def _arrive(self, person: Person) -> None:
        await open_account(self.crowd, person)
        if person.living:
            await sign_in_elsewhere(self.crowd, person)

    async def _break(self, fault: Fault) -> tuple[float, float]:
        """Give the moments from which the part was broken, and from which it was back."""
        broken = time.monotonic()
        self.ledger.weather.breaks()
        breaking = fault.breaks(self.house, self.crowd)
        await asyncio.to_thread(breaking.__enter__)
        try:
            await asyncio.sleep(fault.hold)
            if not fault.quiet:
                await self._until_noticed()
        finally:
            await asyncio.to_thread(breaking.__exit__, None, None, None)
            returned = time.monotonic()
            self.ledger.weather.clears(returned)
        return broken, returned

    async def _until_noticed(self) -> None:
        patience_ends = time.monotonic() + self.times.until_noticed
        while time.monotonic() < patience_ends and not noticed(self.ledger.record):  # noqa: ASYNC110 - a poll is enough.
            await asyncio.sleep(POLL)

    @asynccontextmanager
    async def _under_load(self, acts: Acts) -> AsyncIterator[None]:
        """Let everybody look at pages and do things; in the end whatever was begun is finished."""
        stop = asyncio.Event()
        doing = partial(act, acts=acts)
        pauses = ((look, self.times.between_looks), (doing, self.times.between_acts))
        loops = [self._again_and_again(do, who, pause, stop) for do, pause in pauses for who in self.crowd.people]
        load = asyncio.gather(*loops)
        try:
            yield
        finally:
            stop.set()
            await load

    async def _again_and_again(self, do: Act, person: Person, pause: float, stop: asyncio.Event) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))
            if stop.is_set():
                return
            await do(self.crowd, person)

    async def _look_at_everything(self, person: Person) -> None:
        for device in person.devices:
            await look_with(person, device, "/dashboard", "json")
        for device in person.living[:1]:
            await look_with(person, device, LIST, "json")

    async def _return(self, person: Person) -> None:
        """Sign in with an account that was, or was perhaps, opened while something was broken."""
        await sign_in(self.crowd, person, Browser(self.ledger, person.wire))


async def _each(people: list[Person], do: Callable[[Person], Awaitable[None]]) -> None:
    await asyncio.gather(*map(do, people))


def noticed(record: Record) -> bool:
    """Tell whether anybody was told that a part is away, or had to wait for it."""
    return record.unavailable > 0 or record.longest > NOTICED


def judge_outcome(outcome: Outcome, times: Times) -> None:
    """Judge what only shows at the end: how long people waited, and when the service was back."""
    record = outcome.record
    if record.longest > times.longest_wait:
        record.broke(Promise.REST, f"{record.slowest} took {record.longest:.1f} s")
    if outcome.back_after > times.back_within:
        what = f"{record.last_failed()[1]} failed, which began {outcome.back_after:.1f} s after the part was back"
        record.broke(Promise.REST, what)
    if outcome.fault.quiet and record.unavailable:
        record.broke(Promise.REST, f"{record.unavailable} requests were answered by 503, though nothing was broken")
