"""``doctor --request`` through proxies of every kind to the real server: what it says of each, and what to set."""

import ssl
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from asgi_calls import settings
from findings import marked, the_one
from gatehouse import Gatehouse
from proxies.head import Head
from proxies.heroku_router import HerokuRules
from proxies.render_router import RenderRules
from proxies.router import Rules
from proxies.running import Address, loopback
from ways import Does, append, append_only, lead, platform, way_to

from webapp.commands.checks import visit
from webapp.commands.checks.findings import Finding, Mark
from webapp.commands.checks.threads import in_thread

# The address from which the last proxy comes to the server; clients come from 127.0.0.1.
PROXY = loopback()[-1]

Examine = Callable[..., Awaitable[list[Finding]]]


@pytest.fixture
def examine(deploy: Callable[..., Gatehouse], tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Ask the site with some TRUSTED_PROXY through some proxies, the outermost one first."""

    async def ask(
        trusted: str, *proxies: Rules, networks: str = "", url: str = "https://gatehouse.test", **ours: str
    ) -> list[Finding]:
        gatehouse = deploy(trusted, networks)
        server = Address(PROXY, int(gatehouse.url.rpartition(":")[2]))
        async with way_to(server, tls, *proxies) as way:
            lead(monkeypatch, way, "gatehouse.test", "www.gatehouse.test")
            chosen = settings(**{"TRUSTED_PROXY": trusted, "TRUSTED_PROXY_NETWORKS": networks, **ours})
            return await in_thread(partial(visit.examine, chosen, url))

    return ask


def overwrite(head: Head, client: str, scheme: str) -> None:
    head.put(b"x-forwarded-for", client.encode())
    head.put(b"x-forwarded-proto", scheme.encode())


def add_where_there_is_none(head: Head, client: str, scheme: str) -> None:
    if not head.values(b"x-forwarded-for"):
        append(head, client, scheme)


def say_the_scheme_alone(head: Head, _client: str, scheme: str) -> None:
    head.put(b"x-forwarded-proto", scheme.encode())


def claim_http(head: Head, client: str, _scheme: str) -> None:
    append(head, client, "http")


def replace_host(head: Head, client: str, scheme: str) -> None:
    append(head, client, scheme)
    head.put(b"host", b"backend:8000")


def let_cloudflare_be(head: Head, client: str, scheme: str) -> None:
    append(head, client, scheme)
    if not head.values(b"cf-connecting-ip"):
        head.put(b"cf-connecting-ip", client.encode())


class RefusesForgedCloudflare(RenderRules):
    """As Cloudflare's edge does."""

    def refused(self, head: Head, scheme: str) -> bytes | None:
        return FORBIDDEN if head.values(b"cf-connecting-ip") else super().refused(head, scheme)


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
ONE = (Does(append),)
TWO = (Does(append), Does(append_only))


@pytest.mark.parametrize(
    ("trusted", "proxies", "words"),
    [
        ("1", ONE, "TRUSTED_PROXY=1 takes the 1st from the right, 127.0.0.1, through one proxy."),
        ("2", TWO, "TRUSTED_PROXY=2 takes the 2nd from the right, 127.0.0.1, through 2 proxies."),
        ("1", (Does(overwrite),), "takes the 1st from the right, 127.0.0.1, through one proxy."),
        ("2", (Does(overwrite), Does(append_only)), "takes the 2nd from the right, 127.0.0.1, through 2 proxies."),
        ("heroku", (platform(HerokuRules()),), "TRUSTED_PROXY=heroku takes the 1st from the right, 127.0.0.1"),
        ("render", (platform(RenderRules()),), "CF-Connecting-IP names 127.0.0.1, through "),
        ("render", (platform(RefusesForgedCloudflare()),), "CF-Connecting-IP names 127.0.0.1, through "),
    ],
)
async def test_right_setting_has_nothing_wrong(
    examine: Examine, trusted: str, proxies: tuple[Rules, ...], words: str
) -> None:
    found = await examine(trusted, *proxies)
    assert marked(found, "wrong") == marked(found, "warning") == []
    assert the_one(found, words).mark is Mark.OK
    assert the_one(found, "https arrived as https (X-Forwarded-Proto: https).").mark is Mark.OK
    assert the_one(found, "Host arrived as gatehouse.test, as PUBLIC_URL has it.").mark is Mark.OK
    assert the_one(found, "It says that it is ready (/readyz).").mark is Mark.OK
    assert the_one(found, "The sign-in page sets its cookie, Secure and __Host-.").mark is Mark.OK


@pytest.mark.parametrize(
    ("trusted", "proxies", "told", "advice"),
    [
        (
            "none",
            ONE,
            f"everybody has the last proxy's address, {PROXY}",
            "Set TRUSTED_PROXY=1 (heroku is the same).",
        ),
        ("none", TWO, f"everybody has the last proxy's address, {PROXY}", "Set TRUSTED_PROXY=2."),
        ("1", TWO, "1st from the right, 127.0.0.1, which is a proxy's and everybody's", "Set TRUSTED_PROXY=2."),
        ("2", ONE, "2nd from the right, where a forged one was believed", "Set TRUSTED_PROXY=1"),
        ("3", ONE, f"where there is none, so everybody has the address {PROXY}", "Set TRUSTED_PROXY=1"),
        ("render", ONE, "No CF-Connecting-IP arrived, so this is not Render", "Set TRUSTED_PROXY=1"),
        ("render", (Does(let_cloudflare_be),), "A forged CF-Connecting-IP came through", "Set TRUSTED_PROXY=1"),
        ("none", (platform(RenderRules()),), "TRUSTED_PROXY is none", "Set TRUSTED_PROXY=render"),
        ("heroku", (platform(RenderRules()),), "which is a proxy's and everybody's", "Set TRUSTED_PROXY=render"),
        ("1", (Does(add_where_there_is_none),), "a forged one came through in its place", "Let it append or overwrite"),
        ("none", (Does(say_the_scheme_alone),), "something in front speaks TLS", "and set TRUSTED_PROXY=1"),
        ("1", (Does(say_the_scheme_alone),), "where a forged one was believed", "or let it add"),
    ],
)
async def test_wrong_setting_is_told_with_the_right_one(
    examine: Examine, trusted: str, proxies: tuple[Rules, ...], told: str, advice: str
) -> None:
    [text] = marked(await examine(trusted, *proxies), "wrong")
    assert told in text
    assert advice in text


async def test_chain_whose_length_varies_is_a_warning_where_it_is_counted(examine: Examine) -> None:
    found = await examine("2", platform(RenderRules()))
    [text] = [text for text in marked(found, "warning") if "no number of hops" in text]
    assert "Set TRUSTED_PROXY=render" in text


async def test_proxy_outside_the_trusted_networks_is_named(examine: Examine) -> None:
    [text] = marked(await examine("1", *ONE, networks="10.0.0.0/8"), "wrong")
    assert f"The last proxy is {PROXY}, outside TRUSTED_PROXY_NETWORKS" in text
    found = await examine("1", *ONE, networks="127.0.0.0/8,::1")
    assert marked(found, "wrong") == []


async def test_host_that_a_proxy_replaces_is_told_and_so_is_what_comes_of_it(examine: Examine) -> None:
    wrong = marked(await examine("1", Does(replace_host)), "wrong")
    assert len(wrong) == 2
    assert "Host arrived as backend:8000, though gatehouse.test was asked for" in wrong[0]
    assert "proxy_set_header Host $host;" in wrong[0]
    assert "/login answers 400" in wrong[1]


async def test_other_name_of_the_site_is_told_to_be_refused(examine: Examine) -> None:
    found = await examine("1", *ONE, url="https://www.gatehouse.test")
    assert marked(found, "wrong") == []
    [text] = marked(found, "warning")
    assert "Host arrived as www.gatehouse.test; people who come that way get 400" in text


async def test_scheme_that_gets_lost_is_told_and_so_is_what_comes_of_it(examine: Examine) -> None:
    wrong = marked(await examine("1", Does(claim_http)), "wrong")
    assert len(wrong) == 2
    assert "https arrived as http (X-Forwarded-Proto: http): every page redirects to itself." in wrong[0]
    assert "/login leads to https://gatehouse.test/login" in wrong[1]


async def test_scheme_that_nobody_tells_is_a_warning(examine: Examine) -> None:
    found = await examine("1", Does(append_only))
    assert marked(found, "wrong") == []
    [text] = marked(found, "warning")
    assert "nothing tells http from https" in text


async def test_http_leads_to_https_by_the_platform_s_redirect(examine: Examine) -> None:
    found = await examine("render", platform(RenderRules()), url="http://gatehouse.test")
    assert marked(found, "wrong") == marked(found, "warning") == []
    assert the_one(found, "https arrived as https").mark is Mark.OK


async def test_http_that_is_passed_on_arrives_as_http(examine: Examine) -> None:
    found = await examine("heroku", platform(HerokuRules()), url="http://gatehouse.test")
    assert the_one(found, "http arrived as http (X-Forwarded-Proto: http).").mark is Mark.OK


async def test_settings_that_differ_from_the_site_s_are_a_warning(examine: Examine) -> None:
    found = await examine("1", *ONE, TRUSTED_PROXY="2", PUBLIC_URL="https://www.gatehouse.test")
    assert [text.partition(" is ")[0] for text in marked(found, "warning")] == ["TRUSTED_PROXY", "PUBLIC_URL"]
