"""``doctor --request`` where the site tells nothing: each reason in words, and the signature shown to nobody else."""

import socket
import ssl
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import partial
from types import SimpleNamespace

import pytest
import trustme
from asgi_calls import settings
from findings import marked
from gatehouse import Gatehouse
from ports import free_port
from proxies.head import Head
from proxies.running import Address
from ways import Answers, Does, append, lead, way_to

from webapp.commands.checks import site, visit
from webapp.commands.checks.findings import Finding
from webapp.commands.checks.threads import in_thread
from webapp.web.inquiry import Report

ORIGIN = "https://gatehouse.test"
NOWHERE = Address("127.0.0.1", 1)
NOW = 1_800_000_000

Ask = Callable[..., Awaitable[str]]


async def examined(url: str = ORIGIN, **ours: str) -> list[Finding]:
    return await in_thread(partial(visit.examine, settings(**ours), url))


async def the_fault(url: str = ORIGIN, **ours: str) -> str:
    """Give the one sentence that there is."""
    [finding] = await examined(url, **ours)
    assert finding.mark.value == "wrong"
    return finding.text


def answer(status: str, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


@pytest.fixture
def ask(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask something that gives this answer to everything; other.test leads there too."""

    async def run(given: bytes, url: str = ORIGIN) -> str:
        async with way_to(NOWHERE, tls, Answers(append, lambda _: given)) as way:
            lead(monkeypatch, way, "gatehouse.test", "other.test")
            return await the_fault(url)

    return run


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            answer("404 Not Found"),
            "It answers 404: SECRET_KEY is another one there than here",
        ),
        (answer("503 Unavailable"), "It answers 503: nothing behind its router does."),
        (answer("502 Bad Gateway"), "It answers 502: nothing behind its router does."),
        (answer("200 OK", body="<h1>Welcome to nginx!</h1>"), "It answers 200 and tells nothing"),
        (answer("200 OK", body="[" * 300_000), "It answers 200 and tells nothing"),
        (answer("401 Unauthorized", body="{}"), "It answers 401 and tells nothing"),
        (
            answer("302 Found", "Location: https://elsewhere.test/"),
            "It redirects to https://elsewhere.test. If",
        ),
        (answer("302 Found", "Location: javascript:alert(1)"), "It redirects to javascript://"),
        (answer("302 Found", "Location: /please-sign-in"), "It redirects to /please-sign-in: something in front wants"),
        (answer("302 Found", "Location: https://["), "It redirects to https://[, which nobody can follow."),
        (b"SSH-2.0-server\r\n", "cannot be reached: BadStatusLine"),
        (b"\r\n", "cannot be reached: "),
    ],
)
async def test_answer_that_tells_nothing_is_named(ask: Ask, given: bytes, told: str) -> None:
    text = await ask(given)
    assert text.startswith(f"{ORIGIN}: ")
    assert told in text


async def test_host_that_nobody_can_read_is_told(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    told = answer("200 OK", body=Report(ORIGIN, "none", [], "", ["["], {}, "", "https").encode().decode())
    async with way_to(NOWHERE, tls, Answers(append, lambda _: told)) as way:
        lead(monkeypatch, way)
        wrong = marked(await examined(), "wrong")
    assert [text for text in wrong if text.startswith("Host arrived as [, though gatehouse.test was asked for")]


@pytest.mark.parametrize(("ahead", "words"), [(500, "500 s ahead)"), (-500, "500 s behind)"), (-1, "apart.")])
async def test_clock_that_differs_is_told_with_a_404(
    ask: Ask, ahead: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock that stands: the date has no fractions of a second, and asking takes a while.
    monkeypatch.setattr(site, "time", SimpleNamespace(time=lambda: NOW))
    date = formatdate(NOW + ahead, usegmt=True)
    assert words in await ask(answer("404 Not Found", f"Date: {date}"))
    assert "apart." in await ask(answer("404 Not Found", "Date: yesterday"))


async def test_circle_of_redirects_has_an_end(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def lead_on(head: Head) -> bytes:
        seen.extend(head.values(b"host"))
        return answer("302 Found", f"Location: http{'s' * (len(seen) % 2 == 0)}://gatehouse.test/")

    async with way_to(NOWHERE, tls, Answers(append, lead_on)) as way:
        lead(monkeypatch, way)
        assert "It redirects more than 3 times." in await the_fault()
    assert len(seen) == site.MOST_REDIRECTS


async def test_signature_is_made_for_the_asked_origin_alone_and_good_for_no_other(
    deploy: Callable[..., Gatehouse], tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bytes] = []

    def listen(head: Head) -> bytes:
        shown.extend(head.values(b"gatehouse-doctor"))
        return answer("404 Not Found")

    async with way_to(NOWHERE, tls, Answers(append, listen)) as way:
        lead(monkeypatch, way, "other.test")
        await the_fault("https://other.test")
    [stolen] = shown
    url = deploy("none").url
    headers = {"Host": "gatehouse.test", "Gatehouse-Doctor": stolen.decode()}
    assert (await in_thread(partial(site.fetch, url, "/doctor", headers))).status == 404
    assert (await in_thread(partial(site.fetch, url, "/doctor", {**headers, "Host": "other.test"}))).status == 200


async def test_other_key_there_is_told(
    deploy: Callable[..., Gatehouse], tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Address("127.0.0.1", int(deploy("1").url.rpartition(":")[2]))
    async with way_to(server, tls, Does(append)) as way:
        lead(monkeypatch, way)
        text = await the_fault(SECRET_KEY="zyxwvutsrqponmlkjihgfedcba9876543210")
    assert "SECRET_KEY is another one there than here" in text


async def test_site_that_is_not_ready_is_told_with_its_own_words(
    deploy: Callable[..., Gatehouse], tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    gatehouse = deploy("1", redis_url=f"redis://127.0.0.1:{free_port()}")
    async with way_to(Address("127.0.0.1", int(gatehouse.url.rpartition(":")[2])), tls, Does(append)) as way:
        lead(monkeypatch, way)
        wrong = marked(await examined(), "wrong")
    assert wrong == ["It is not ready (/readyz answers 503): Redis did not answer"]


async def test_what_was_told_is_kept_when_the_rest_cannot_be_reached(
    deploy: Callable[..., Gatehouse], tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up_later(head: Head) -> bytes | None:
        return None if head.words[1] == b"/doctor" else b"\r\n"

    server = Address("127.0.0.1", int(deploy("1").url.rpartition(":")[2]))
    async with way_to(server, tls, Answers(append, hang_up_later)) as way:
        lead(monkeypatch, way)
        found = await examined(TRUSTED_PROXY="1")
    assert [text for text in marked(found, "ok") if "takes the 1st from the right" in text]
    assert [text for text in marked(found, "ok") if "ready" in text] == []
    assert len(marked(found, "wrong")) == 1


async def test_certificate_that_is_not_good_is_told(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    async with way_to(NOWHERE, tls, Answers(append, lambda _: None)) as way:
        lead(monkeypatch, way, "gatehouse.test", "third.test")
        assert "third.test is not good for it: Hostname mismatch" in await the_fault("https://third.test")
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "The certificate of gatehouse.test is not good for it" in await the_fault()


async def test_site_without_tls_without_answer_and_without_anybody_is_told(
    unknown_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "did not answer within 0.3 s" in await the_fault(f"http://127.0.0.1:{port}")
        assert "did not answer within 0.3 s" in await the_fault(f"https://127.0.0.1:{port}")
    assert "Connection refused" in await the_fault(f"http://127.0.0.1:{free_port()}")
    assert "not known" in await the_fault(f"https://{unknown_host}")


async def test_https_to_a_port_that_speaks_http_is_told(
    deploy: Callable[..., Gatehouse], authority: trustme.CA
) -> None:
    port = deploy("none").url.rpartition(":")[2]
    assert "does not speak TLS as it should" in await the_fault(f"https://localhost:{port}")
