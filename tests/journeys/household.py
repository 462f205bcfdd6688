"""Somebody with several devices, as one meets them: for pictures, not for tests."""

from dataclasses import dataclass

import redis
from journeys.browsers import Browsers
from journeys.inbox import proves_email
from journeys.people import DASHBOARD, DEVICES, IPHONE, Person, newcomer, send, signed_in_elsewhere
from pages import session_ids
from playwright.async_api import BrowserContext
from session_fields import AGE, sessions_in
from session_world import SESSIONS
from smtp_server import SmtpServer

MINUTE, HOUR, DAY = 60, 3600, 86_400
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
ANDROID_TABLET = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A device of the sample household; the moments are seconds before now."""

    user_agent: str
    address: str
    remembered: bool
    created: int
    seen: int
    name: str = ""


# Addresses of the blocks that RFC 5737 and RFC 3849 keep for documents.
OTHERS = (
    Sample(IPHONE, "2001:db8:4f2:17::c3", remembered=True, created=12 * DAY, seen=4 * MINUTE),
    Sample(ANDROID_TABLET, "203.0.113.84", remembered=True, created=41 * DAY, seen=3 * DAY, name="Kitchen tablet"),
    Sample(EDGE, "198.51.100.7", remembered=False, created=5 * HOUR, seen=26 * MINUTE),
)


async def arrive(browsers: Browsers) -> Person:
    """Return Ada in her own browser, with an account of a moment ago."""
    return await newcomer(browsers, "ada@example.com", user_agent=LINUX, extra_http_headers=coming_from("203.0.113.20"))


async def settle_in(browsers: Browsers, ada: Person, redis_url: str, mails: SmtpServer) -> None:
    """Prove Ada's email, and sign her in on OTHERS."""
    await proves_email(mails, ada)
    for each in OTHERS:
        context = await signed_in_elsewhere(
            browsers,
            ada,
            remember=each.remembered,
            user_agent=each.user_agent,
            extra_http_headers=coming_from(each.address),
        )
        if each.name:
            await _rename(context, each.name)
    _age(redis_url)
    await ada.open(DASHBOARD)


def coming_from(address: str) -> dict[str, str]:
    """Return what a proxy would say of a request from ``address``."""
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": "http"}


async def _rename(context: BrowserContext, name: str) -> None:
    # Not in its page: a real browser shows there what it is, whatever it is called here.
    here, *_ = session_ids(await (await context.request.get(DEVICES)).text())
    await send(context, f"{DEVICES}/{here}/name", page=DEVICES, name=name)


def _age(redis_url: str) -> None:
    """Make the sessions as old as the samples say; a picture cannot wait for it."""
    by_address = {each.address: each for each in OTHERS}
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        for key in client.scan_iter(f"{SESSIONS}*"):
            for session_id, record in sessions_in(client.hgetall(key)).items():
                if (sample := by_address.get(record.get("address", ""))) is None:
                    continue
                client.eval(AGE, 1, key, session_id, sample.created, "created", "confirmed", "expires")
                client.eval(AGE, 1, key, session_id, sample.seen, "seen")
