"""Who uses the site: people with some devices each, and a crowd of them."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from itsdangerous import URLSafeTimedSerializer
from pages import PASSWORD, SESSION_COOKIE
from soak.browser import Browser
from soak.claims import Account, Confirmation, Name
from soak.ledger import Ledger, Session
from soak.record import Promise
from soak.wire import Wire

from webapp.sessions.token import Token

# Hashes take a third of a second of a processor each; more of them at once would only measure this machine.
HASHES_AT_ONCE = 2


@dataclass
class Device:
    """A browser with the session that it was given, and what was claimed of that one."""

    browser: Browser
    session: Session
    name: Name
    confirmation: Confirmation


@dataclass
class Person:
    """Somebody with an account, signed in on some devices; the first of them is home."""

    ledger: Ledger
    wire: Wire
    account: Account
    devices: list[Device] = field(default_factory=list)
    # Whether a sign-in is under way, or one was lost that may have made a session which no browser holds.
    strangers: bool = False
    password: str = PASSWORD

    @classmethod
    def new(cls, ledger: Ledger, wire: Wire) -> "Person":
        """Invent somebody who has no account yet."""
        return cls(ledger, wire, Account(ledger, f"{secrets.token_hex(6)}@example.test"))

    @property
    def living(self) -> list[Device]:
        """The devices whose session is not known to be over."""
        return [device for device in self.devices if not device.session.over]

    def given(self, browser: Browser, *, where: str) -> Device | None:
        """Take in that ``browser`` was told to be signed in; None, and an offence, where it got no cookie for it."""
        cookie = browser.cookies.get(SESSION_COOKIE, "")
        known = {device.session.id for device in self.devices}
        token = token_of(cookie)
        if token is None or token.session_id in known:
            self.ledger.record.broke(Promise.TRUTH, f"{where} said to have signed in, and gave no new cookie")
            return None
        session = Session(self.ledger, self.account.email, token.session_id, cookie)
        browser.session = session
        device = Device(browser, session, Name(session), Confirmation(session))
        self.devices.append(device)
        return device

    def sees_list(self, began: float, ids: Iterable[str], where: str) -> None:
        """Judge a list of one's devices that was asked for at ``began``."""
        listed = set(ids)
        for device in self.devices:
            if device.session.id in listed:
                device.session.seen_listed(began, where)
            elif device.session.began < began:
                device.session.seen_out(began, f"{where}, which does not list it")
        unknown = listed - {device.session.id for device in self.devices}
        if unknown and not self.strangers:
            self.ledger.record.broke(Promise.REST, f"{where} lists sessions that nobody began: {unknown}")


@dataclass
class Crowd:
    """Everybody who uses the site in a trial; ``rudeness`` is how often they do not wait for an answer.

    ``chance`` decides what they do.
    """

    ledger: Ledger
    chance: Random
    people: list[Person] = field(default_factory=list)
    # Who registered while something was broken.
    newcomers: list[Person] = field(default_factory=list)
    rudeness: float = 0.0
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHES_AT_ONCE))

    @property
    def everybody(self) -> list[Person]:
        """All of them, newcomers too."""
        return [*self.people, *self.newcomers]


def token_of(cookie: str) -> Token | None:
    """Read the token in a session cookie; None where there is none."""
    # Whose signature it is does not matter here; the server will say.
    _, content = URLSafeTimedSerializer("").loads_unsafe(cookie)
    return Token.parse(content) if isinstance(content, str) else None
