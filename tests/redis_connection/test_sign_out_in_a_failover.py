"""Signing out, pressed again and again while another server becomes primary: done is said only of what stays done."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

import pytest
from own_redis import StandaloneRedis, wait_until
from pages import Browser
from redis.exceptions import RedisError
from redis_connection.own import Own
from serving import serving

from webapp.accounts.passwords import PasswordHasher

LIST = "/settings/sessions"


def takes_writes(server: StandaloneRedis) -> bool:
    """Tell whether a server is a primary by now; whoever makes it one cuts its connections, ours too."""
    with suppress(RedisError):
        return bool(server.cli("INFO", "replication")["role"] == "master")
    return False


async def settled(browser: Browser) -> int:
    """Visit until there is an answer; give its status."""
    while (status := (await browser.get("/dashboard")).status_code) == HTTPStatus.SERVICE_UNAVAILABLE:
        pass
    return status


@pytest.mark.parametrize("button", ["/logout", f"{LIST}/<phone>/end", "/settings/sessions/end-others"])
async def test_button_pressed_twice_does_not_say_done_of_what_a_failover_undoes(
    own: Own, environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], button: str
):
    deployment = own.behind_sentinels()
    async with serving({**environ, "REDIS_URL": deployment.url}, cheap_hasher()) as site:
        phone, browser = site.browser("198.51.100.7"), site.browser()
        await phone.register()
        await browser.log_in(phone.email)
        cookie = browser.session_cookie if button == "/logout" else phone.session_cookie
        phones = next(row["id"] for row in (await browser.json("GET", LIST)).json()["sessions"] if not row["current"])
        path = button.replace("<phone>", str(phones))
        old, (replica,) = deployment.primary(), deployment.replicas()
        deployment.sentinels[0].cli("SENTINEL", "FAILOVER", "main")
        wait_until(lambda: takes_writes(replica), "the replica has left its primary")

        # One that is not 503 says that the session is gone, whatever its words. It must not come as soon as nobody is
        # replacing the old primary any more: two sentinels may not have heard of the new one by then.
        while (said := (await browser.json("POST", path)).status_code) == HTTPStatus.SERVICE_UNAVAILABLE:
            pass

        deployment.wait_for_another(old)
        browser.carry(cookie)
        assert await settled(browser) != HTTPStatus.OK, said
