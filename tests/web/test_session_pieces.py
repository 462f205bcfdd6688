"""The pieces of a page that its stream brings: the account's list, and that the session is about to end."""

from collections.abc import Callable

from open_streams import OpenStream
from pages import Browser, Site, session_ids, token_in
from stores import Stores

LIST = "/settings/sessions"
Opens = Callable[..., OpenStream]


async def test_list_comes_when_the_page_has_another_one(ada: Browser, phone: Browser, opens: Opens) -> None:
    stream = opens(ada, "?list=of-before")
    shown = await stream.comes("")
    assert shown.number
    assert 'hx-target="#sessions"' in shown.data
    assert len(session_ids(shown.data)) == 2
    assert token_in(shown.data) == token_in((await ada.get(LIST)).text)
    again = opens(ada, f"?list={shown.number}")
    await again.comes("session-here")
    await phone.get("/dashboard")
    await phone.post("/logout")
    # The first that comes is the one without the phone.
    assert len(session_ids((await again.comes("")).data)) == 1


async def test_sign_in_a_name_and_an_end_show_in_open_lists(
    ada: Browser, phone: Browser, site: Site, opens: Opens
) -> None:
    stream = opens(phone, "?list=")
    await stream.comes("")
    tablet = site.browser("198.51.100.9")
    await tablet.log_in(ada.email)
    assert len(session_ids((await stream.comes("", 2)).data)) == 3
    (here,) = (each["id"] for each in (await tablet.json("GET", LIST)).json()["sessions"] if each["current"])
    await tablet.get(LIST)
    await tablet.post(f"{LIST}/{here}/name", {"name": "Kitchen"})
    assert "Kitchen" in (await stream.comes("", 3)).data
    await tablet.post("/logout")
    assert len(session_ids((await stream.comes("", 4)).data)) == 2


async def test_page_without_a_list_is_sent_none(ada: Browser, site: Site, opens: Opens) -> None:
    plain, listing = opens(ada), opens(ada, "?list=")
    await plain.comes("session-here")
    await listing.comes("")
    await site.browser("198.51.100.9").log_in(ada.email)
    await listing.comes("", 2)
    assert plain.names == ["session-here"]


async def test_end_that_is_near_is_said_and_taken_back(ada: Browser, opens: Opens, stores: Stores) -> None:
    stores.age(3600 - 100)
    stream = opens(ada)
    near = await stream.comes("")
    assert 'hx-target="#session-ending"' in near.data
    assert "Stay signed in" in near.data
    await ada.get("/dashboard")
    stays = await stream.comes("", 2)
    assert "Stay signed in" not in stays.data
