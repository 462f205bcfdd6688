"""People who have several tabs open on each of their devices, all with the cookies of one browser."""

from collections import defaultdict
from dataclasses import dataclass, field

from pages import SESSION_COOKIE, token_in
from soak.acts import open_account, sign_in
from soak.browser import LIST, Browser, Face, Meaning
from soak.people import Crowd, Device, Person, token_of
from soak.record import Promise
from soak.renewal_road import Road

# What a tab asks for; programs that ask in the background do so most of the time.
WAYS: tuple[tuple[str, Face], ...] = (
    *(("/dashboard", "json"),) * 6,
    (LIST, "json"),
    ("/dashboard", "page"),
    ("/", "page"),
)
# How often an answer is lost, a form is sent that stood there for a while, and the password is given again.
LOST, FORMS, PASSWORDS = 0.06, 0.03, 0.002

# How many devices everybody has, and how often they try to sign in on one: hashes may be waited for too long.
DEVICES, PATIENT = 2, 10


@dataclass
class Tab:
    """One tab of a browser, with the token of a form that it shows."""

    person: Person
    device: Device
    form: str = ""


@dataclass
class Tabs:
    """All tabs of everybody in ``crowd``; ``shown`` has the secrets of each session that were answered."""

    crowd: Crowd
    road: Road
    shown: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def arrive(self, person: Person) -> None:
        """Let somebody register, and sign in on a second device."""
        await open_account(self.crowd, person)
        for _ in range(PATIENT):
            if len(person.living) < DEVICES:
                await sign_in(self.crowd, person, Browser(person.ledger, person.wire))

    @property
    def renewals(self) -> int:
        """How many secrets took the place of another."""
        return sum(len(secrets) - 1 for secrets in self.shown.values())

    async def use(self, tab: Tab) -> None:
        """Do one thing in a tab."""
        chance = self.crowd.chance.random()
        async with self.road.trip():
            if chance < PASSWORDS:
                await self._give_password(tab)
            elif chance < PASSWORDS + FORMS and tab.form:
                await self._send_form(tab)
            else:
                await self._look(tab)

    async def _look(self, tab: Tab) -> None:
        browser, (path, face) = tab.device.browser, self.crowd.chance.choice(WAYS)
        if self.crowd.chance.random() < LOST:
            await browser.leave(path, face)
            return
        secret = _secret_in(browser)
        reply = await browser.look(path, face)
        if reply.meaning is Meaning.DONE:
            self.shown[tab.device.session.id].add(secret)
            tab.form = token_in(reply.answer.text) or tab.form

    async def _send_form(self, tab: Tab) -> None:
        """Send a form of the page that the tab has shown since before its session's secret was renewed, perhaps."""
        browser = tab.device.browser
        browser.token = tab.form
        path = f"{LIST}/{tab.device.session.id}/name"
        reply = await browser.press(path, {"name": "Laptop"}, rudeness=LOST)
        if reply.meaning not in {Meaning.DONE, Meaning.UNKNOWN, Meaning.VISITOR}:
            tab.device.session.broke(Promise.REST, f"{reply.what} was answered by {reply.answer.status}")

    async def _give_password(self, tab: Tab) -> None:
        async with self.crowd.hashing:
            fields = {"password": tab.person.password, "next": LIST}
            await tab.device.browser.press("/confirm", fields, rudeness=LOST)

    async def look_at_last(self, tab: Tab) -> None:
        """See whether the tab's session is still alive."""
        await tab.device.browser.look("/dashboard", "json")


def _secret_in(browser: Browser) -> str:
    token = token_of(browser.cookies.get(SESSION_COOKIE, ""))
    return token.secret if token else ""
