"""The harness on a server that breaks its promises, because somebody went behind its back."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from own_redis import StandaloneRedis
from soak import sabotage
from soak.acts import OF_THE_DATABASE, end_others, rename, sign_in_elsewhere
from soak.faults import Fault
from soak.house import House, standalone
from soak.record import Promise
from soak.trial import Times, Trials

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLIENTS = 4
# Seconds. Nobody acts before the sabotage or after it, so that what it does is not left to chance, and nothing hides it
# from the look at everything in the end. How long anybody waits is of no interest here.
SHORT = Times(before=0, after=0, between_acts=0.3, longest_wait=60, back_within=60)


@pytest.fixture(scope="module")
def house() -> Iterator[House[StandaloneRedis]]:
    with standalone() as house:
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def trials(house: House[StandaloneRedis]) -> AsyncIterator[Trials]:
    trials = Trials(house, CLIENTS, SHORT)
    await trials.gather()
    yield trials
    await trials.close()


async def test_lost_sessions_are_wrong_sign_outs(trials: Trials):
    outcome = await trials.run(Fault("sabotage", sabotage.sessions_forgotten, hold=0))
    assert outcome.record.count(Promise.STAY_IN) >= CLIENTS


async def test_sessions_that_come_back_are_revivals_and_false_successes(trials: Trials):
    acts = ((sign_in_elsewhere, 1), (end_others, 2))
    outcome = await trials.run(Fault("sabotage", sabotage.sessions_remembered, 5, acts))
    assert outcome.record.count(Promise.STAY_OUT) > 0
    assert outcome.record.count(Promise.TRUTH) > 0


async def test_lost_names_are_false_successes(trials: Trials):
    outcome = await trials.run(Fault("sabotage", sabotage.names_lost, 3, ((rename, 1),)))
    assert outcome.record.count(Promise.TRUTH) > 0
    assert outcome.record.count(Promise.STAY_IN) == 0


async def test_lost_accounts_are_false_successes(trials: Trials):
    # Only who signs in or confirms afterwards meets this one.
    trials.times = replace(SHORT, after=5)
    outcome = await trials.run(Fault("sabotage", sabotage.accounts_lost, 1, OF_THE_DATABASE))
    assert outcome.record.count(Promise.TRUTH) > 0
