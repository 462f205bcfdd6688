"""Your data: a copy of it as a file, and the end of the account, for every kind of caller."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from pages import (
    FACES,
    PASSWORD,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    is_fragment,
    is_page,
    is_problem,
    tags,
)
from serving import serving
from stores import Stores

from webapp.accounts.model import Account
from webapp.accounts.passwords import PasswordHasher
from webapp.history import Origin
from webapp.web.confirming import MISSING, WRONG
from webapp.web.forms import personal_data as forms

DATA, EXPORT, ERASE = "/settings/data", "/settings/data/export", "/settings/data/erase"
WINDOW = 15 * 60
RIGHT = {"word": "erase", "password": PASSWORD}

each_face = pytest.mark.parametrize("face", FACES)


async def account_of(site: Site, browser: Browser) -> Account:
    account = await (await site.services()).accounts.find_by_email(browser.email)
    assert account is not None
    return account


async def on_the_page(browser: Browser) -> str:
    return (await browser.get(DATA)).text


def refused(face: Face, response_text: str, sentence: str) -> bool:
    return sentence.replace("'", "&#39;") in response_text if face != "json" else sentence in response_text


@pytest.mark.parametrize("face", ["page", "json"])
async def test_copy_is_a_file_that_nobody_keeps(site: Site, ada: Browser, face: Face) -> None:
    await on_the_page(ada)
    before = datetime.now(UTC)
    response = await ada.send(face, EXPORT)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/json")
    name = re.fullmatch(r'attachment; filename="(.+)"', response.headers["Content-Disposition"])
    assert name
    # A day may end meanwhile.
    assert name[1] in {f"account-export-{moment:%Y-%m-%d}.json" for moment in (before, datetime.now(UTC))}
    assert response.headers["Cache-Control"] == "no-store"
    document = response.json()
    assert document["account"]["email"] == ada.email
    assert [session["id"] for session in document["sessions"]]
    assert document["not_included"].keys() >= {"account.password_hash", "log"}


async def test_form_of_the_copy_is_no_htmx_form(ada: Browser) -> None:
    (form,) = [form for form in tags(await on_the_page(ada), "form") if form.get("action") == EXPORT]
    assert [name for name in form if name.startswith("hx-")] == []


@each_face
async def test_copy_asks_for_the_password_where_it_was_not_just_given(ada: Browser, stores: Stores, face: Face) -> None:
    await on_the_page(ada)
    stores.age(WINDOW, "confirmed")
    for fields, status, sentence in (({}, 422, MISSING), ({"password": "wrong"}, 401, WRONG)):
        response = await ada.send(face, EXPORT, fields)
        assert (response.status_code, refused(face, response.text, sentence)) == (status, True)
        assert "Content-Disposition" not in response.headers
        assert ada.email not in response.text or face != "json"
    assert "Content-Disposition" in (await ada.send(face, EXPORT, {"password": PASSWORD})).headers


async def test_page_asks_for_the_password_of_the_copy_only_where_it_is_needed(ada: Browser, stores: Stores) -> None:
    asked = [field["id"] for field in tags(await on_the_page(ada), "input") if field.get("name") == "password"]
    assert "erase-password" in asked
    assert "export-password" not in asked
    stores.age(WINDOW, "confirmed")
    asked = [field["id"] for field in tags(await on_the_page(ada), "input") if field.get("name") == "password"]
    assert {"erase-password", "export-password"} <= set(asked)


@each_face
async def test_erasure_signs_out_everywhere_and_tells_the_day(
    site: Site, ada: Browser, phone: Browser, stores: Stores, face: Face
) -> None:
    await on_the_page(ada)
    response = await ada.send(face, ERASE, RIGHT)
    account = await account_of(site, ada)
    assert account.erase_at is not None
    assert abs(account.erase_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=2)
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert cookies_set(response)[SESSION_COOKIE]["max-age"] == "0"
    assert stores.keys() == set()
    assert (await phone.get("/dashboard")).status_code == 303
    if face == "json":
        assert response.status_code == 200
        assert datetime.fromisoformat(response.json()["erase_at"]) == account.erase_at.replace(microsecond=0)
        return
    assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/login"
    told = (await ada.get("/login")).text
    assert f"{account.erase_at:%B %Y, %H:%M} UTC. Sign in before then and it is kept." in told


@pytest.mark.parametrize("word", ["ERASE", "erase", " Erase "])
async def test_word_may_be_written_in_capital_or_small_letters(site: Site, ada: Browser, word: str) -> None:
    await on_the_page(ada)
    assert (await ada.post(ERASE, {**RIGHT, "word": word})).status_code == 303
    assert (await account_of(site, ada)).erase_at is not None


@each_face
@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        ({}, [forms.MISSING, MISSING]),
        ({"password": PASSWORD}, [forms.MISSING]),
        ({"password": PASSWORD, "word": "delete"}, [forms.MISSING]),
        ({"word": "erase"}, [MISSING]),
        ({"word": "erase", "password": "wrong lanterns"}, [WRONG]),
    ],
)
async def test_erasure_wants_the_word_and_the_password_even_just_after_signing_in(
    site: Site, ada: Browser, face: Face, fields: dict[str, str], sentences: list[str]
) -> None:
    await on_the_page(ada)
    response = await ada.send(face, ERASE, fields)
    status = 401 if WRONG in sentences else 422
    assert response.status_code == status
    assert [sentence for sentence in sentences if not refused(face, response.text, sentence)] == []
    assert (await account_of(site, ada)).erase_at is None
    assert (await ada.get("/dashboard")).status_code == 200
    match face:
        case "page":
            assert is_page(response)
        case "htmx":
            assert is_fragment(response, "erase-form")
        case "json":
            assert is_problem(response, status)
            assert len([error for errors in response.json()["errors"].values() for error in errors]) == len(sentences)
            return
    typed = [field.get("value") for field in tags(response.text, "input") if field.get("name") == "word"]
    assert typed == [fields.get("word", "")]
    assert fields.get("password", PASSWORD) not in response.text


async def test_without_the_word_no_password_is_tried(ada: Browser, stores: Stores) -> None:
    await on_the_page(ada)
    await ada.post(ERASE, {"word": "no", "password": "wrong"})
    assert stores.counts() == []
    await ada.post(ERASE, {"word": "erase", "password": "wrong"})
    assert len(stores.counts()) == 1


@each_face
async def test_wrong_passwords_are_counted_with_those_at_the_door(ada: Browser, face: Face) -> None:
    await on_the_page(ada)
    answers = [(await ada.send(face, ERASE, {"word": "erase", "password": "wrong"})).status_code for _ in range(6)]
    assert answers == [*[401] * 5, 429]
    assert (await ada.send(face, ERASE, RIGHT)).status_code == 429


# A JSON body carries no token.
@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_stale_form_erases_nothing_and_keeps_the_word(site: Site, ada: Browser, face: Face) -> None:
    response = await ada.send(face, ERASE, {**RIGHT, "csrf_token": ""})
    assert response.status_code == 422
    assert 'value="erase"' in response.text
    assert (await account_of(site, ada)).erase_at is None


@each_face
async def test_erasure_stands_and_is_told_while_redis_is_away(
    site: Site, ada: Browser, stores: Stores, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_the_page(ada)
    services = await site.services()
    plan = services.erasures.plan

    async def plan_and_lose_redis(account_id: str, origin: Origin) -> object:
        planned = await plan(account_id, origin)
        gone.__enter__()
        return planned

    gone = stores.away()
    monkeypatch.setattr(type(services.erasures), "plan", lambda _, *asked: plan_and_lose_redis(*asked))
    response = await ada.send(face, ERASE, RIGHT)
    monkeypatch.undo()
    gone.__exit__(None, None, None)
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Retry-After" in response.headers
    assert "Your account will be erased" in response.text
    assert SESSION_COOKIE not in cookies_set(response)
    assert "Clear-Site-Data" not in response.headers
    assert (await account_of(site, ada)).erase_at is not None
    # Whoever asks again, because sessions are open still, has them ended.
    again = await ada.send(face, ERASE, RIGHT)
    assert again.status_code in {200, 303}
    assert stores.keys() == set()


async def test_page_without_mail_promises_none(ada: Browser) -> None:
    assert "mail tells you" not in await on_the_page(ada)


async def test_page_with_mail_says_so(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> None:
    settings = {**environ, "MAIL_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "door@gatehouse.test"}
    async with serving(settings, cheap_hasher()) as site:
        browser = site.browser()
        await browser.register()
        assert (await on_the_page(browser)).count("mail tells you") == 2
