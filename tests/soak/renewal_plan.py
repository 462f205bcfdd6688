"""How the renewal of secrets is tried in ``make soak``: with either way in which the cookie goes on."""

from collections.abc import AsyncIterator
from dataclasses import replace

from soak.house import with_moved_clock
from soak.renewal import SETTINGS, Load, RenewalTrial, Result

RENEWAL = "renewal of secrets"
REQUESTS = 50_000
# As it comes, and so short that a session that is remembered has its cookie sent anew with nearly each answer.
TOUCHES = ("60s", "1s")
# How many requests there are for one jump of the clock while nothing is under way.
PER_STEP = 300

LOAD = Load(requests=0)


async def renew(requests: int) -> AsyncIterator[Result]:
    """Try each with its share of the requests."""
    share = requests // len(TOUCHES)
    for touch in TOUCHES:
        with with_moved_clock(**SETTINGS, SESSION_TOUCH=touch) as house:
            trial = RenewalTrial(house, replace(LOAD, requests=share, steps=max(1, share // PER_STEP)))
            yield await trial.run(touch)
