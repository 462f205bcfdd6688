"""One's data: a copy of it, and its end."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from journeys.browsers import Browsers
from journeys.inbox import TO_BE_ERASED, letter
from journeys.people import DASHBOARD, DATA, IPHONE, LOGIN, Person, elsewhere, newcomer, signed_in_elsewhere
from journeys.streams.watching import finds_out
from journeys.waiting import let_the_window_pass
from own_redis import SLOW, StandaloneRedis
from pages import PASSWORD
from playwright.async_api import expect
from smtp_server import SmtpServer, part_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

ERASE, WORD, YOURS = "Erase my account", "Type the word ERASE", "Your password"
OUT = "it was asked for the account to be erased."
MOMENT = re.compile(r"\d+ \w+ \d{4}, \d\d:\d\d UTC")


@pytest.mark.parametrize("script", [True, False])
async def test_copy_of_everything_comes_as_a_file(browsers: Browsers, redis: StandaloneRedis, *, script: bool) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DATA)
    is_the_copy_of(ada, await downloaded(ada))

    let_the_window_pass(redis)
    await ada.press("Download a copy")
    await ada.sees("Please enter your password to confirm that it is you.", within="#export-form")
    await ada.page.locator("#export-form").get_by_label(YOURS).fill(PASSWORD)
    is_the_copy_of(ada, await downloaded(ada))


async def downloaded(ada: Person) -> Path:
    async with ada.page.expect_download() as started:
        await ada.press("Download a copy")
    download = await started.value
    assert re.fullmatch(r"account-export-\d{4}-\d\d-\d\d\.json", download.suggested_filename)
    return await download.path()


def is_the_copy_of(ada: Person, file: Path) -> None:
    copy: dict[str, Any] = json.loads(file.read_text("utf-8"))
    assert copy["account"]["email"] == ada.email
    assert len(copy["sessions"]) == 2
    assert any("iPhone" in json.dumps(each) for each in copy["sessions"])


@pytest.mark.parametrize("script", [True, False])
async def test_account_that_is_to_be_erased_is_out_everywhere_and_kept_by_signing_in(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    phone = await elsewhere(browsers, ada, java_script_enabled=script, user_agent=IPHONE)
    await phone.open(DASHBOARD)
    await ada.open(DATA)
    await is_refused(ada, "erase it", PASSWORD, at="word")
    await is_refused(ada, "Erase", "not this one", at="erase-password")

    await ada.fill(**{YOURS: PASSWORD})
    await ada.press(ERASE)
    await ada.stands_on(LOGIN)
    await ada.is_told("You are signed out everywhere. Your account will be erased on ")
    day = named_in(await ada.page.locator("#notices").inner_text())
    assert abs(datetime.now(UTC) + timedelta(days=7) - day) < timedelta(minutes=5)
    assert day == named_in(part_of(await letter(mails, ada.email, TO_BE_ERASED), "plain").partition("soon after")[2])
    await finds_out(phone, DASHBOARD, OUT, script=script)

    await ada.sign_in()
    await ada.is_told("Welcome back. You signed in, so your account is kept: nothing will be erased.")
    await ada.stands_on(DASHBOARD)


async def is_refused(ada: Person, word: str, password: str, *, at: str) -> None:
    await ada.fill(**{WORD: word, YOURS: password})
    await ada.press(ERASE)
    await expect(ada.page.locator(f"#{at}-error")).not_to_be_empty()
    await expect(ada.page.locator(f"#{at}")).to_be_focused()
    await expect(ada.page.get_by_label(WORD)).to_have_value(word)
    await expect(ada.page.get_by_label(YOURS, exact=True)).to_have_value("")


def named_in(text: str) -> datetime:
    """Find the moment that a text names."""
    found = MOMENT.search(" ".join(text.split()))
    assert found is not None, text
    return datetime.strptime(found[0], "%d %B %Y, %H:%M UTC").replace(tzinfo=UTC)
