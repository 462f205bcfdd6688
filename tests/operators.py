"""The operator at a terminal, and the people who use the site in the meantime."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from argon2.profiles import CHEAPEST

from webapp.accounts.model import Account
from webapp.accounts.passwords import PasswordHasher
from webapp.deeds import snapshot_of
from webapp.sessions.device import Device
from webapp.sessions.model import Started
from webapp.settings import Settings
from webapp.wiring import Services, connect_services

T = TypeVar("T")

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
EMAIL, PASSWORD = "Ada@Example.com", "violet tractor under 9 moons"
FIREFOX = Device("Firefox on Windows", "computer")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    out: str
    err: str


Operator = Callable[..., Ended]


class People:
    """Those who use the site in the meantime."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._settings = Settings.from_env(environ)

    def do(self, work: Callable[[Services], Awaitable[T]]) -> T:
        """Do something with the site's own services."""

        async def run() -> T:
            async with connect_services(self._settings, PasswordHasher(CHEAPEST)) as services:
                return await work(services)

        return asyncio.run(run())

    def register(self, email: str = EMAIL) -> Account:
        return self.do(lambda services: services.accounts.register(email, "Ada Lovelace", PASSWORD))

    def sign_in(self, account: Account, device: Device = FIREFOX, *, remember: bool = False) -> Started:
        return self.do(
            lambda services: services.sessions.start(
                snapshot_of(account), remember=remember, method="password", device=device, address="203.0.113.7"
            )
        )

    def role_seen(self, token: str) -> str | None:
        """Tell what the next page of a session would make of its account; None when it is over."""
        resumed = self.do(lambda services: services.sessions.resume(token, address="203.0.113.7"))
        return resumed.account.role if resumed else None
