"""A thief has a copy of the session's cookie: whoever comes when, the theft is noticed, and its owner is told."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random

import pytest
from mail_folder import arrived
from pages import IPHONE, Browser, Site
from session_holders import GRACE, PERIOD
from stores import Stores
from told import identity, token_of

from webapp.deeds import snapshot_of
from webapp.sessions.device import Device
from webapp.sessions.model import Started
from webapp.sessions.token import Token

# What a store says too late of an end is not told.
pytestmark = pytest.mark.usefixtures("unhurried")

OWNER, THIEF = "owner", "thief"
TOLD = "used in two places"
# Seconds that pass before somebody comes: none, until an old secret is worthless, and until a new one is due.
PAUSES = (0, GRACE + 1, PERIOD)
# A visit of one of the two, after a pause.
Visit = tuple[int, str]
# Both go on using what they have: this is how it ends, at the latest.
BOTH_GO_ON: list[Visit] = [(pause, who) for pause in (PERIOD, GRACE + 1) * 4 for who in (OWNER, THIEF)]


@dataclass
class Theft:
    """Owner and thief have the same cookie; counts the renewals that each of them has seen something of."""

    site: Site
    stores: Stores
    browsers: dict[str, Browser]
    token: Token
    # What the answers to each of them said when they were signed in no longer.
    told: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))
    acted: set[str] = field(default_factory=set)
    renewals: int = 0

    async def goes(self, way: list[Visit]) -> None:
        """Let both come as they want to, until it is noticed."""
        for pause, who in [*way, *BOTH_GO_ON]:
            self.passes(pause)
            secret = self.secret
            if not await self.visits(who):
                break
            self.acted.add(who)
            if self.secret != secret and len(self.acted) == 2:
                self.renewals += 1
                self.acted.clear()
            assert self.renewals <= 2, f"both were in for longer than two renewals: {way}"
        assert self.stores.record(self.token.session_id)["reason"] == "two-places", way
        for who in (THIEF, OWNER):
            assert not await self.visits(who), way
        # Whatever cookie she was left with.
        assert TOLD in self.told[OWNER], way

    def passes(self, seconds: int) -> None:
        """Let time pass for this session."""
        if seconds:
            self.stores.age(seconds, session_id=self.token.session_id)

    async def visits(self, who: str) -> bool:
        """Open a page, and tell whether that is shown to somebody signed in."""
        answer = await self.browsers[who].json("GET", "/dashboard")
        self.told[who] += answer.json().get("detail", "")
        return answer.status_code == 200

    @property
    def secret(self) -> str | None:
        """What Redis has of the secret that is in force."""
        return self.stores.record(self.token.session_id).get("hash")


@dataclass
class Thefts:
    """Steals one session after the other; the browsers stay the same."""

    site: Site
    stores: Stores
    ada: Browser
    thief: Browser

    async def happens(self, way: list[Visit], *, remember: bool) -> None:
        """Steal the cookie of a new session, and let both go their way until it is noticed."""
        started = await self._sign_in(remember=remember)
        for browser in (self.ada, self.thief):
            browser.carry(identity(self.site).dump_token(started.token, app=self.site.app))
        theft = Theft(self.site, self.stores, {OWNER: self.ada, THIEF: self.thief}, token_of(self.site, self.ada))
        await theft.goes(way)

    async def _sign_in(self, *, remember: bool) -> Started:
        services = await self.site.services()
        account = await services.accounts.find_by_email(self.ada.email)
        assert account is not None
        return await services.sessions.start(
            snapshot_of(account),
            remember=remember,
            method="password",
            device=Device("Firefox on Linux", "computer"),
            address="192.0.2.1",
        )


@pytest.fixture
async def thefts(site: Site, stores: Stores, ada: Browser) -> Thefts:
    return Thefts(site, stores, ada, site.browser("203.0.113.99", IPHONE))


@pytest.mark.usefixtures("nobody_does_what_is_owed")
@pytest.mark.parametrize("remember", [False, True])
@pytest.mark.parametrize("pause", PAUSES)
async def test_thief_is_out_within_two_renewals_after_both_have_acted(thefts: Thefts, pause: int, *, remember: bool):
    """In every way in which the first three visits can follow each other; who of the two is first does not matter."""
    after = list(product(PAUSES, (OWNER, THIEF)))
    for second, third in product(after, after):
        await thefts.happens([(pause, OWNER), second, third], remember=remember)


@pytest.mark.usefixtures("nobody_does_what_is_owed")
@pytest.mark.parametrize("seed", range(8))
async def test_thief_is_out_within_two_renewals_however_long_one_of_them_stays_away(thefts: Thefts, seed: int):
    chance = Random(seed)
    for _ in range(6):
        way = []
        for _ in range(4):
            who = chance.choice((OWNER, THIEF))
            way += [(chance.choice((*PAUSES, 5, GRACE - 1)), who) for _ in range(chance.randrange(1, 8))]
        await thefts.happens(way, remember=chance.random() < 0.5)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


@pytest.mark.parametrize("comes_late", [OWNER, THIEF])
async def test_history_a_mail_and_a_notice_tell_the_owner(
    comes_late: str, site: Site, stores: Stores, ada: Browser, inbox: Path
):
    thief = site.browser("203.0.113.99", IPHONE)
    thief.carry(ada.session_cookie)
    theft = Theft(site, stores, {OWNER: ada, THIEF: thief}, token_of(site, ada))
    ahead = THIEF if comes_late == OWNER else OWNER
    for pause in (PERIOD, 0, GRACE + 1):
        theft.passes(pause)
        assert await theft.visits(ahead)

    assert not await theft.visits(comes_late)
    assert not await theft.visits(ahead)

    assert TOLD in theft.told[OWNER]
    assert TOLD in (await arrived(inbox, ada.email, 2))[0].text
    await ada.log_in()
    assert "Ended because it was used in two places" in (await ada.get("/settings/history")).text
