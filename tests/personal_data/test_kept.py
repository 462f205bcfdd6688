"""What the page says is kept is all that is kept, and for exactly as long."""

import html
import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from life import Life, live
from pages import BROWSER_COOKIE, SESSION_COOKIE, TOLD_COOKIE, VISITOR_COOKIE, Site, cookies_set
from session_fields import SLOT
from stores import Stores

from webapp.accounts import owed
from webapp.accounts.links import LIFETIMES, PURPOSES, LinkMaker
from webapp.accounts.model import new_id
from webapp.database import metadata
from webapp.logs.json_lines import JsonLines
from webapp.outbox.model import Entry
from webapp.outbox.runner import TIMINGS
from webapp.outbox.sweeping import LONGEST
from webapp.personal_data import Kept, describe_kept
from webapp.settings import Settings

# Seconds that may have passed since something was written.
PASSED = 30
WILD = re.compile(r"<\w+>|\\\{account\\\}")


@pytest.fixture
def kept(environ: dict[str, str]) -> dict[str, Kept]:
    """Give the description by names."""
    return {one.name: one for one in describe_kept(Settings.from_env(environ))}


def of(kept: Mapping[str, Kept], place: str) -> dict[str, Kept]:
    return {name: one for name, one in kept.items() if one.place == place}


def fields(one: Kept) -> set[str]:
    """Give the parts that are fields, and no part of the key."""
    return {part for part in one.parts if not part.startswith("<") or part.startswith("<session>")}


def field_of(name: str) -> str:
    """Give what a field is called where it is described: not by the session that it is of."""
    return f"<session>{name[SLOT:]}" if len(name) == SLOT + 1 else name


def kinds_of(key: str, described: Mapping[str, Kept]) -> list[Kept]:
    """Give what a key may be, by the descriptions."""
    return [one for name, one in described.items() if re.fullmatch(_pattern(name), key)]


def _pattern(name: str) -> str:
    return WILD.sub(lambda wild: r"\{[\w-]{22}\}" if "account" in wild[0] else r"[^{}]+", re.escape(name))


def test_every_column_of_every_table_is_named_and_no_other(kept: dict[str, Kept]) -> None:
    told = {name: set(one.parts) for name, one in of(kept, "database").items()}
    assert told == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}


async def test_every_key_and_field_of_redis_is_named_and_no_other(
    life: Life, stores: Stores, kept: dict[str, Kept]
) -> None:
    found: dict[str, set[str]] = {}
    for key in stores.every_key():
        kinds = kinds_of(key, of(kept, "redis"))
        assert len(kinds) == 1, key
        hashed = stores.redis.type(key) == "hash"
        names = map(str, stores.redis.hkeys(key) if hashed else [])
        found.setdefault(kinds[0].name, set()).update(map(field_of, names))
    assert found == {name: fields(one) for name, one in of(kept, "redis").items()}


async def test_periods_of_redis_are_those_that_it_was_told(life: Life, stores: Stores, kept: dict[str, Kept]) -> None:
    measured: dict[str, dict[str, int]] = {}
    for key in stores.every_key():
        (one,) = kinds_of(key, of(kept, "redis"))
        name = "told" if "told" in one.periods else next(iter(one.periods))
        periods = measured.setdefault(one.name, {})
        # The end of the account's key is that of what is left in it for longest: how a remembered session was ended.
        periods[name] = max(periods.get(name, 0), stores.redis.ttl(key))
    for record in map(stores.record, stores.sessions()):
        idle = "remember_idle" if record["remembered"] == "1" else "idle"
        length = "shared" if "shared" in record else idle.replace("idle", "lifetime")
        periods = measured["in:{account}"]
        periods[idle], periods[length] = int(record["idle"]), int(record["expires"]) - int(record["created"])
    assert measured.keys() == of(kept, "redis").keys()
    for one in of(kept, "redis").values():
        assert measured[one.name].keys() == one.periods.keys()
        for name, seconds in measured[one.name].items():
            assert one.periods[name] - PASSED <= seconds <= one.periods[name], (one.name, name)


def test_periods_of_tables_are_those_of_what_is_written(kept: dict[str, Kept]) -> None:
    maker = LinkMaker(["a key of thirty-two characters or so"])
    links = {purpose: maker.make(purpose, new_id(), "ada@example.test").link for purpose in PURPOSES}
    written: dict[str, float] = {purpose: _seconds(link.expires - link.created) for purpose, link in links.items()}
    written["sweep"] = TIMINGS.sweep * LONGEST
    assert kept["link"].periods == written
    mail = Entry.new(owed.MAIL, new_id(), {})
    reset = owed.reset("ada@example.test", LIFETIMES["reset"])
    soon = {_seconds(entry.due - entry.created) for entry in (owed.end_sessions(new_id()), owed.show_account(new_id()))}
    erasure = owed.erasure(new_id(), mail.created + owed.ERASURE_AFTER)
    # It waits for a moment, to which some time has passed since the mail.
    until_then = {"erasure": kept["outbox"].periods["erasure"]}
    assert 0 <= until_then["erasure"] - _seconds(erasure.due - erasure.created) <= PASSED
    assert kept["outbox"].periods == {
        "mail": _seconds(mail.until - mail.created),
        "reset": _seconds(reset.until - reset.created),
        "followed": soon.pop(),
        **until_then,
    }
    assert not soon


async def test_account_is_kept_for_as_long_as_is_told_when_it_is_to_be_erased(
    life: Life, kept: dict[str, Kept]
) -> None:
    planned = await life.services.erasures.plan(life.account.id)
    assert planned is not None
    account, _ = planned
    assert account.erase_at is not None
    left = _seconds(account.erase_at - life.account.created)
    assert kept["account"].periods["erasure"] <= left <= kept["account"].periods["erasure"] + PASSED


def _seconds(length: timedelta) -> int:
    # What is made in one moment and due after another's is some milliseconds off.
    return round(length.total_seconds())


async def test_every_cookie_is_named_with_what_is_in_it_and_until_when(
    life: Life, site: Site, kept: dict[str, Kept]
) -> None:
    assert of(kept, "browser").keys() == {SESSION_COOKIE, VISITOR_COOKIE, TOLD_COOKIE, BROWSER_COOKIE}
    again = site.browser()
    again.email = life.here.email
    remembered = cookies_set(await again.log_in(remember="y"))
    assert int(remembered[SESSION_COOKIE]["max-age"]) == kept[SESSION_COOKIE].periods["remember_idle"]
    plain = cookies_set(await again.log_in())
    assert plain[SESSION_COOKIE]["max-age"] == plain[SESSION_COOKIE]["expires"] == ""
    for browser in (life.here, life.phone, again):
        assert {cookie.name for cookie in browser.client.cookies.jar} <= of(kept, "browser").keys()
    signer = site.app.session_interface.get_signing_serializer(site.app)
    await life.here.get("/settings/sessions")
    await life.here.post("/settings/sessions/end-others")
    await again.get("/dashboard")
    assert signer is not None
    visitor = signer.loads(again.client.cookies[VISITOR_COOKIE])
    # Links stand in it only where a sign-in has displaced a session (tests/web/test_login.py).
    assert set(visitor) | {"links"} == set(kept[VISITOR_COOKIE].parts)


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    """Collect what is logged, as the server writes it."""
    collected: list[dict[str, object]] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            collected.append(json.loads(self.format(record)))

    handler, logger = Collector(), logging.getLogger("webapp")
    handler.setFormatter(JsonLines())
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield collected
    logger.removeHandler(handler)
    logger.setLevel(level)


async def test_every_field_of_the_log_is_named_and_no_other(
    lines: list[dict[str, object]], site: Site, kept: dict[str, Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    life = await live(site)
    services = await site.services()
    monkeypatch.setattr(type(services.sessions), "list", None)
    assert (await life.here.get("/settings/sessions")).status_code == 500
    assert set().union(*lines) == set(kept["log"].parts)


@pytest.mark.parametrize("mail_url", ["", "file:///mail", "smtp://127.0.0.1:1"])
def test_mails_are_named_where_they_are_sent(environ: dict[str, str], mail_url: str) -> None:
    described = describe_kept(Settings.from_env({**environ, "MAIL_URL": mail_url}))
    mails = [one for one in described if one.place == "mail"]
    assert len(mails) == bool(mail_url)
    assert any("folder" in one.how_long for one in mails) == mail_url.startswith("file")


async def test_page_tells_every_part_and_period_in_words(life: Life, kept: dict[str, Kept]) -> None:
    shown = " ".join(html.unescape((await life.here.get("/settings/data")).text).split())
    for one in kept.values():
        for text in (one.title, one.why, one.how_long, *one.parts.values()):
            assert " ".join(text.split()) in shown
    assert "50 minutes" in shown
    assert "80 days" in shown


async def test_program_is_told_the_same(life: Life, kept: dict[str, Kept]) -> None:
    told = (await life.here.json("GET", "/settings/data")).json()["kept"]
    assert {one["name"]: one["how_long"] for one in told} == {one.name: one.how_long for one in kept.values()}
    assert {one["name"]: one["parts"] for one in told} == {one.name: one.parts for one in kept.values()}
