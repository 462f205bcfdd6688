"""``make soak`` in short: each part breaks for a moment, and every promise holds."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from own_redis import SLOW
from soak.faults import Fault
from soak.plan import PLAN, Chapter
from soak.trial import Times, Trials, noticed

# A cluster or sentinels may need most of a minute until they agree, on a busy machine.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(SLOW)]

CLIENTS = 6
# Seconds. Other tests may keep this machine busy, so that how long people wait is left to ``make soak`` to judge.
SHORT = Times(
    before=0.5,
    after=1.5,
    between_looks=0.2,
    between_acts=0.4,
    until_noticed=20,
    longest_wait=30,
    back_within=30,
)

CASES = [pytest.param(chapter, fault, id=fault.name) for chapter in PLAN for fault in chapter.faults]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trials(request: pytest.FixtureRequest) -> AsyncIterator[Trials]:
    chapter: Chapter = request.param
    with chapter.build(**chapter.variables) as house:
        trials = Trials(house, CLIENTS, SHORT)
        await trials.gather()
        yield trials
        await trials.close()


@pytest.mark.parametrize(("trials", "fault"), CASES, indirect=["trials"], scope="module")
async def test_no_promise_is_broken_whatever_fails(trials: Trials, fault: Fault):
    outcome = await trials.run(replace(fault, hold=fault.brief))
    told = "\n".join(map(str, outcome.record.offences))
    # First of all what happened: of a long output only the beginning may be seen.
    assert not told, f"SOAK_SEED={trials.seed}, broken for {outcome.broken_for:.2f} s\n{told}"
    assert fault.quiet or noticed(outcome.record), f"SOAK_SEED={trials.seed}"
