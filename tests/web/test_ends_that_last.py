"""Redis has ended a session, and cannot say that this will last: nobody is told that it is done (promise 5)."""

import pytest
from pages import FACES, SESSION_COOKIE, Browser, Face, cookies_set, session_ids
from stores import Stores

from webapp.accounts.service import AccountService
from webapp.errors import StoreUnavailable
from webapp.sessions.store import SessionStore

LIST = "/settings/sessions"


@pytest.fixture
def no_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every end be applied, or have been so before, and no replica hear of it."""

    async def unsure(*_: object, **__: object) -> bool:
        raise StoreUnavailable("Redis")

    for act in ("end", "end_own", "end_all"):
        monkeypatch.setattr(SessionStore, act, unsure)


@pytest.mark.usefixtures("no_replica")
@pytest.mark.parametrize("face", FACES)
async def test_second_press_of_sign_out_is_no_success_either(face: Face, ada: Browser, stores: Stores):
    await ada.get("/dashboard")
    stores.redis.delete(*stores.keys())

    response = await ada.send(face, "/logout")

    assert response.status_code == 503
    assert SESSION_COOKIE not in cookies_set(response)
    assert "Clear-Site-Data" not in response.headers


@pytest.mark.usefixtures("no_replica")
@pytest.mark.parametrize("face", FACES)
async def test_device_that_is_gone_from_the_list_is_not_said_to_be_so_for_good(
    face: Face, ada: Browser, phone: Browser, stores: Stores
):
    _, other = session_ids((await ada.get(LIST)).text)
    stores.lose(other)

    response = await ada.send(face, f"{LIST}/{other}/end")

    assert response.status_code == 503
    assert "not signed in any more" not in response.text


async def test_sign_in_to_an_account_that_is_deleted_meanwhile_is_refused_as_an_unknown_one(
    site_of_ada: Browser, monkeypatch: pytest.MonkeyPatch
):
    async def gone(*_: object) -> None:
        return None

    monkeypatch.setattr(AccountService, "find", gone)

    response = await site_of_ada.log_in()

    assert response.status_code == 401
    assert SESSION_COOKIE not in cookies_set(response)


@pytest.fixture
def site_of_ada(phone: Browser) -> Browser:
    """Return a browser of Ada's in which nobody is signed in."""
    phone.carry("")
    return phone
