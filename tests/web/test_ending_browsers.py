"""Ending all that is of one browser, and saying honestly what a single end has left of it."""

from collections import Counter

import pytest
from knowing import is_known_at_last, sign_in_again
from pages import FACES, IPHONE, Browser, Face, Site, is_fragment, is_problem, session_ids, tags
from stores import Stores
from thefts import account_id_of, is_in

LIST = "/settings/sessions"
UNKNOWN = "B" * 11
each_face = pytest.mark.parametrize("face", FACES)


async def listed(browser: Browser) -> list[dict[str, str]]:
    return (await browser.json("GET", LIST)).json()["sessions"]  # type: ignore[no-any-return]  # JSON is what we say.


async def told(face: Face, browser: Browser, text: str) -> str:
    """Give what was said after an act: in the fragment, or on the next page."""
    return text if face == "htmx" else (await browser.get(LIST)).text


def texts_of(html: str, action: str) -> list[str]:
    """Give the words of the buttons that lead to an address, as they are read."""
    forms = [form.partition("</form>")[0] for form in html.split("<form ")[1:]]
    buttons = [
        form.partition("<button ")[2].partition("</button>")[0] for form in forms if f'action="{action}"' in form
    ]
    bare = [button.partition(">")[2] for button in buttons]
    drop = ('<span class="visually-hidden">', "</span>", "<bdi>", "</bdi>")
    for tag in drop:
        bare = [text.replace(tag, "") for text in bare]
    return bare


@pytest.fixture
async def lost(ada: Browser, site: Site, stores: Stores) -> Browser:
    """Return a telephone that was signed in three times, and is still, in Ada's account."""
    lost = site.browser("198.51.100.7", IPHONE)
    await lost.log_in(ada.email)
    for _ in range(2):
        stores.age(5)
        await sign_in_again(site, ada, lost)
    return lost


@pytest.fixture
async def path(ada: Browser, lost: Browser) -> str:
    """Return the address at which all of it is ended."""
    ((name, times),) = Counter(each["browser"] for each in await listed(ada)).most_common(1)
    assert name
    assert times == 3
    return f"{LIST}/browsers/{name}/end"


async def test_row_of_a_browser_with_earlier_sign_ins_offers_to_end_all_of_them(ada: Browser, path: str) -> None:
    page = (await ada.get(LIST)).text
    assert texts_of(page, path) == ["Sign out of all 3 sign-ins of Safari on iPhone"]
    _, last, *earlier = session_ids(page)
    assert texts_of(page, f"{LIST}/{last}/end") == ["Sign out of only the newest one of Safari on iPhone"]
    assert [texts_of(page, f"{LIST}/{each}/end") for each in earlier] == [
        ["Sign out of the earlier Safari on iPhone"]
    ] * 2


@each_face
async def test_all_sign_ins_of_a_browser_are_ended_at_once_and_counted(
    *, face: Face, ada: Browser, lost: Browser, phone: Browser, path: str
) -> None:
    await ada.get(LIST)
    response = await ada.send(face, path)
    assert not await is_in(lost)
    assert await is_in(phone)
    assert len(await listed(ada)) == 2
    if face == "json":
        assert response.json() == {"ended": 3}
    else:
        assert response.status_code == (200 if face == "htmx" else 303)
        assert face == "page" or is_fragment(response, "sessions")
        assert "Signed out: Safari on iPhone (3 sign-ins)." in await told(face, ada, response.text)


async def test_whoever_goes_through_the_list_stays_in_place_below_all_of_them(
    ada: Browser, lost: Browser, phone: Browser, path: str, stores: Stores
) -> None:
    (below,) = (each["id"] for each in await listed(ada) if each["remembered"])
    stores.age(60, "seen")
    await ada.get(LIST)
    await lost.get("/dashboard")
    response = await ada.htmx(path, page=LIST)
    row = response.text.partition(f'id="session-{below}"')[2].partition("</h3>")[0]
    assert "autofocus" in row


@pytest.mark.usefixtures("unhurried")
@each_face
async def test_listeners_and_history_are_told_of_each_of_them(
    *, face: Face, ada: Browser, path: str, site: Site, lost: Browser
) -> None:
    service, heard = (await site.services()).sessions, list[str]()
    ids = {each["id"] for each in await listed(ada) if not each["current"]}
    service.listeners.add(heard.extend)
    await ada.get(LIST)
    await ada.send(face, path)
    assert set(heard) == ids
    account_id = await account_id_of(site, ada)
    for each in ids:
        ending = (await service.look(account_id, each)).ending
        assert ending is None or (ending.reason, ending.by) == ("elsewhere", "Firefox on Linux")
    assert "from Firefox on Linux" in (await lost.get((await lost.get("/dashboard")).headers["Location"])).text


@each_face
async def test_browser_that_was_signed_in_anew_meanwhile_is_put_out_all_the_same(
    *, face: Face, ada: Browser, lost: Browser, path: str, site: Site
) -> None:
    """The page is as old as it is; none of the sessions that it shows need live."""
    await ada.get(LIST)
    await is_known_at_last(site, ada, lost)
    for each in [each["id"] for each in await listed(ada) if not each["current"]]:
        await ada.json("POST", f"{LIST}/{each}/end")
    lost.close()
    await lost.log_in(ada.email)
    assert await is_in(lost)
    response = await ada.send(face, path)
    assert not await is_in(lost)
    if face == "json":
        assert response.json() == {"ended": 1}
    else:
        assert "Signed out: Safari on iPhone (1 sign-in)." in await told(face, ada, response.text)


@each_face
async def test_pressing_twice_is_harmless_and_told_honestly(*, face: Face, ada: Browser, path: str) -> None:
    await ada.get(LIST)
    await ada.send(face, path)
    response = await ada.send(face, path)
    assert response.status_code == 404
    assert is_problem(response, 404) if face == "json" else "not in the list any more" in response.text
    assert await is_in(ada)


@each_face
async def test_somebody_elses_browser_is_an_unknown_one(
    *, face: Face, eve: Browser, lost: Browser, path: str, stores: Stores
) -> None:
    await eve.get(LIST)
    before = stores.contents()
    answers = [
        await eve.send(face, each) for each in (path, f"{LIST}/browsers/{UNKNOWN}/end", f"{LIST}/browsers/…/end")
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.text for answer in answers}) == 1
    assert stores.contents() == before
    assert await is_in(lost)


@each_face
async def test_session_in_which_it_is_asked_for_is_never_ended(
    *, face: Face, ada: Browser, lost: Browser, path: str
) -> None:
    """Of the same browser are those under another name, too: it says another one, or somebody has copied its cookie."""
    lost.client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    await lost.get(LIST)
    response = await lost.send(face, path)
    assert response.status_code == (303 if face == "page" else 200)
    assert await is_in(lost)
    assert await is_in(ada)
    assert [bool(each["current"]) for each in await listed(lost)] == [True, False]
    assert (await lost.send(face, path)).status_code == 404
    assert await is_in(lost)


@each_face
async def test_password_is_asked_for_first_and_the_button_then_does_it(
    *, face: Face, ada: Browser, lost: Browser, path: str, stores: Stores
) -> None:
    stores.age(901, "confirmed")
    await ada.get(LIST)
    response = await ada.htmx(path, page=LIST) if face == "htmx" else await ada.send(face, path)
    assert response.status_code == (303 if face == "page" else 403)
    assert await is_in(lost)
    await ada.json("POST", "/confirm", {"password": "seven purple lanterns"})
    await ada.get(LIST)
    await ada.send(face, path)
    assert not await is_in(lost)


@each_face
async def test_single_end_of_a_browser_that_is_still_signed_in_says_so(
    *, face: Face, ada: Browser, lost: Browser
) -> None:
    _, last, *earlier = session_ids((await ada.get(LIST)).text)
    for each, left in ((last, True), (earlier[0], True), (earlier[1], False)):
        response = await ada.send(face, f"{LIST}/{each}/end")
        if face == "json":
            assert response.json() == {"ended": 1}
            continue
        said = await told(face, ada, response.text)
        assert ("Signed out: one sign-in of Safari on iPhone. That browser is still signed in." in said) == left
        assert ("Signed out: Safari on iPhone." in said) != left
    assert not await is_in(lost)


async def test_earlier_sign_in_of_this_browser_says_that_this_one_is_still_signed_in(lost: Browser) -> None:
    _, earlier, *_ = session_ids((await lost.get(LIST)).text)
    response = await lost.htmx(f"{LIST}/{earlier}/end", page=LIST)
    assert "This browser is still signed in." in response.text
    assert await is_in(lost)


async def test_words_of_all_counts_are_the_same_where_sign_ins_are_counted(ada: Browser, path: str) -> None:
    assert path
    page = (await ada.get(LIST)).text
    assert "2 devices are signed in" in page
    assert "Sign out of 3 other sign-ins?" in page
    assert "You are signed out of 4 sign-ins at once, this one too." in page
    assert "signed out at once" not in page


async def test_this_device_is_signed_out_alone(lost: Browser) -> None:
    page = (await lost.get(LIST)).text
    assert "/browsers/" not in page
    assert any(tag["action"] == "/logout" for tag in tags(page.partition('id="sessions"')[2], "form"))
