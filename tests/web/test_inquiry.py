"""The operator, and nobody else, is told how his request arrived."""

import json
import time
from dataclasses import replace

import pytest
from asgi_calls import HOST, PUBLIC_URL, Answer, Inside, call, http_scope, settings
from pages import Site
from serving import ask
from stores import Stores

from webapp.settings import Settings
from webapp.web import inquiry
from webapp.web.asgi import Header
from webapp.web.forwarding import Forwarding
from webapp.web.inquiry import Inquiry, Report

OTHER_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210"


def header(settings: Settings, origin: str = PUBLIC_URL) -> Header:
    return inquiry.HEADER.lower().encode(), inquiry.sign(settings, origin).encode()


def asked(**variables: str) -> Inquiry:
    """Give a server with these settings; "inside" is the answer of the application behind."""
    chosen = settings(**variables)
    return Inquiry(Inside(), chosen, Forwarding(chosen))


async def inquire(*headers: Header, host: bytes = HOST, method: str = "GET", **variables: str) -> Answer:
    scope = http_scope(b"/doctor", [(b"host", host), *headers], method=method)
    return await call(asked(**variables), scope)


async def test_operator_is_told_everything_that_arrived_and_what_was_believed_of_it() -> None:
    forwarded = [(b"x-forwarded-for", b"192.0.2.1"), (b"x-forwarded-proto", b"https"), (b"accept", b"*/*")]
    again = (b"x-forwarded-for", b"203.0.113.7, 198.51.100.2")
    shown = header(settings())
    answer = await inquire(shown, *forwarded, again, TRUSTED_PROXY="2", TRUSTED_PROXY_NETWORKS="10.0.0.0/8")
    assert answer.status == 200
    assert Report.decode(answer.text.encode()) == Report(
        public_url=PUBLIC_URL,
        trusted_proxy=2,
        trusted_proxy_networks=["10.0.0.0/8"],
        peer="10.0.0.1",
        hosts=["gatehouse.test"],
        forwarding={"x-forwarded-for": ["192.0.2.1", "203.0.113.7, 198.51.100.2"], "x-forwarded-proto": ["https"]},
        address="203.0.113.7",
        scheme="https",
    )


async def test_host_that_a_proxy_has_replaced_is_told_and_not_refused() -> None:
    answer = await inquire(header(settings()), host=b"backend:8000")
    assert json.loads(answer.text)["hosts"] == ["backend:8000"]


async def test_other_name_of_the_site_may_be_asked_by_that_name() -> None:
    answer = await inquire(header(settings(), "https://site.platform.test"), host=b"site.platform.test")
    assert json.loads(answer.text)["hosts"] == ["site.platform.test"]


async def test_former_key_is_still_good() -> None:
    shown = header(replace(settings(), secret_key=OTHER_KEY))
    assert (await inquire(shown)).text == "inside"
    assert (await inquire(shown, SECRET_KEY_FALLBACKS=OTHER_KEY)).text != "inside"


async def test_signature_for_another_site_is_good_for_nothing_here() -> None:
    assert (await inquire(header(settings(), "https://evil.test"))).text == "inside"


@pytest.mark.parametrize("passed", [-inquiry.VALID_FOR - 5, inquiry.VALID_FOR + 5])
async def test_signature_is_good_for_a_little_while_only(passed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    shown = header(settings())
    monkeypatch.setattr(time, "time", lambda: now + passed / 3)
    assert (await inquire(shown)).text != "inside"
    monkeypatch.setattr(time, "time", lambda: now + passed)
    assert (await inquire(shown)).text == "inside"


@pytest.mark.parametrize("value", [b"", b"x", b"\xff\xfe", b"https://gatehouse.test", b"https://gatehouse.test.a.b"])
async def test_anything_else_in_the_header_is_good_for_nothing(value: bytes) -> None:
    name, good = header(settings())
    assert (await inquire((name, value))).text == "inside"
    assert (await inquire((name, good[:-1]))).text == "inside"
    assert (await inquire((name, good), (name, value))).text == "inside"


async def test_only_a_get_of_its_own_path_is_an_inquiry() -> None:
    shown = header(settings())
    assert (await inquire(shown, method="POST")).text == "inside"
    elsewhere = http_scope(b"/doctor/", [(b"host", HOST), shown])
    assert (await call(asked(), elsewhere)).text == "inside"


async def test_to_strangers_the_path_is_like_every_other_that_does_not_exist(site: Site) -> None:
    browser = site.browser()
    known, unknown = await browser.get("/doctor"), await browser.get("/dactor")
    assert known.status_code == unknown.status_code == 404
    assert known.text.replace("doctor", "") == unknown.text.replace("dactor", "")


async def test_whole_site_tells_the_operator_and_touches_neither_redis_nor_a_cookie(
    site: Site, environ: dict[str, str], stores: Stores
) -> None:
    settings = Settings.from_env(environ)
    scope = http_scope(b"/doctor", [(b"host", b"anything"), header(settings, settings.public_url)])
    with stores.watched() as commands:
        answer = await ask(site, scope)
    assert Report.decode(answer.text.encode()).hosts == ["anything"]
    assert commands == []
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


GOOD = json.loads(Report("https://a.test", "none", [], "", [], {}, "", "https").encode())
BAD: tuple[dict[str, object], ...] = (
    {"hosts": "x"},
    {"forwarding": []},
    {"forwarding": {"a": "x"}},
    {"peer": None},
    {"hosts": [1]},
    {"hosts": [[]]},
    {"public_url": "https://["},
    {"public_url": "file:///etc/passwd"},
    {"public_url": "https://a.test:99999"},
    {"peer": "somebody"},
    {"trusted_proxy": {"a": 1}},
    {"trusted_proxy": True},
    {"trusted_proxy_networks": ["everywhere"]},
)


@pytest.mark.parametrize(
    "text", [*(json.dumps({**GOOD, **change}) for change in BAD), "[]", "null", "{}", "<p>", "\xff"]
)
def test_what_is_no_report_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Report.decode(text.encode("latin-1"))


def test_report_of_a_later_version_is_read() -> None:
    assert Report.decode(json.dumps({**GOOD, "more": 1}).encode()).public_url == "https://a.test"
