"""``make soak``'s renewal of secrets in short: nobody is signed out; and that it would be seen if somebody were."""

from collections.abc import Iterator

import pytest
from own_redis import SLOW
from soak.house import House, with_moved_clock
from soak.record import Promise
from soak.renewal import SETTINGS, Load, RenewalTrial
from soak.renewal_clock import MovedRedis
from soak.renewal_road import Road
from soak.renewal_sabotage import StaleWire, grace_taken

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(SLOW)]

SHORT = Load(requests=500, people=3, steps=16, restarts=1, kills=1)
# A multiple of what it takes, and no more than that is done.
SABOTAGED = Load(requests=4000, people=3, steps=200, restarts=0, kills=0, until_broken=True)
# So many requests are slow that some meet a secret that was renewed in the meantime.
ROUGH = 0.5


@pytest.fixture(scope="module")
def house() -> Iterator[House[MovedRedis]]:
    with with_moved_clock(**SETTINGS) as house:
        yield house


async def test_nobody_is_signed_out_by_tabs_lost_answers_restarts_and_clocks_that_jump(house: House[MovedRedis]):
    trial = RenewalTrial(house, SHORT)
    result = await trial.run("in short")
    told = "\n".join(map(str, result.record.offences))
    assert not told, f"SOAK_SEED={trial.seed}\n{told}"
    assert result.renewals >= SHORT.people
    assert all(result.events[event] for event in ("slow requests", "late answers", "lost answers"))


async def test_secret_that_is_worthless_too_soon_is_a_wrong_sign_out(house: House[MovedRedis]):
    trial = RenewalTrial(house, SABOTAGED, road=Road(slow=ROUGH))
    with grace_taken(house.redis):
        result = await trial.run("without GRACE")
    assert result.record.count(Promise.STAY_IN) > 0


async def test_cookie_that_is_put_over_a_newer_one_is_a_wrong_sign_out(house: House[MovedRedis]):
    trial = RenewalTrial(house, SABOTAGED, road=Road(slow=ROUGH), wire=StaleWire)
    result = await trial.run("with old cookies")
    assert result.record.count(Promise.STAY_IN) > 0


async def test_clock_of_redis_goes_forth_and_back(house: House[MovedRedis]):
    before, _ = house.redis.cli("TIME")
    house.redis.move(3600)
    later, _ = house.redis.cli("TIME")
    house.redis.move(-3600)
    after, _ = house.redis.cli("TIME")
    assert later - before >= 3600
    assert before <= after < later
