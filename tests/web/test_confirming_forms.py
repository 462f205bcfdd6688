"""Forms of what is sensitive ask for the password themselves, and lose nothing that was typed."""

from collections.abc import AsyncIterator, Callable

import pytest
from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from pages import FACES, PASSWORD, Browser, Face, Site, is_page, is_problem, tags
from quart import Quart, Response
from serving import serving
from stores import Stores
from wtforms import StringField
from wtforms.validators import InputRequired

from webapp.accounts.passwords import PasswordHasher
from webapp.sessions.model import Cause
from webapp.web.confirming import MISSING, WRONG, password_given
from webapp.web.faces import go
from webapp.web.forms.base import show_form
from webapp.web.forms.confirming import ConfirmingForm
from webapp.web.guards import asks_again
from webapp.web.templating import ENVIRONMENT

WINDOW = 15 * 60
PATH = "/sensitive"
TYPED = {"word": "purple"}
FORM = """{% from "macros/confirming.html" import confirming_field with context %}
<form id="sensitive">{{ form.problem }}{{ csrf_field() }}<input name="word" value="{{ form.word.data or '' }}">
{{ confirming_field(form, viewer.account.email) }}</form>"""
PAGE = "<!doctype html>{% include 'room/_sensitive.html' %}{{ besides }}"

each_face = pytest.mark.parametrize("face", FACES)


class SensitiveForm(ConfirmingForm):
    """A form as the pages have them."""

    template = "room/sensitive"
    page_template = "room/whole"

    word = StringField("Word", validators=[InputRequired("Please enter a word.")])

    def context(self) -> dict[str, str]:
        """Give what the page has besides."""
        return {"besides": "besides it"}


@asks_again
async def sensitive() -> Response:
    """Do it, if it is the person."""
    form = await SensitiveForm.submitted()
    if not form.acceptable() or not await password_given(form):
        return show_form(form, form.refusal)
    if form.word.data == "no":
        form.refuse("word", "Not this one.")
        return show_form(form, form.refusal)
    return go("/dashboard", {"done": form.word.data})


async def show() -> Response:
    """Show the form."""
    return show_form(SensitiveForm())


def prepare(app: Quart) -> None:
    """Add the form and its templates to the site."""
    environment = app.extensions[ENVIRONMENT]
    own: list[BaseLoader] = [DictLoader({"room/_sensitive.html": FORM, "room/whole.html": PAGE})]
    environment.loader = ChoiceLoader([*own, environment.loader])
    app.add_url_rule(PATH, "show", show, methods=["GET"])
    app.add_url_rule(PATH, "sensitive", sensitive, methods=["POST"])


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site with a sensitive form."""
    async with serving(environ, cheap_hasher(), prepare) as site:
        yield site


def inputs(html: str) -> dict[str, dict[str, str]]:
    return {tag["name"]: tag for tag in tags(html, "input")}


@each_face
async def test_confirmed_a_moment_ago_it_is_done_without_the_password(face: Face, ada: Browser) -> None:
    shown = await ada.get(PATH)
    assert "password" not in inputs(shown.text)
    assert (await ada.send(face, PATH, TYPED)).status_code == (303 if face == "page" else 200)


@each_face
async def test_without_the_password_it_comes_back_with_what_was_typed(face: Face, ada: Browser, stores: Stores) -> None:
    stores.age(WINDOW, "confirmed")
    assert inputs((await ada.get(PATH)).text)["password"]["id"] == "sensitive-password"
    response = await ada.send(face, PATH, TYPED)
    assert response.status_code == 422
    assert MISSING in response.text
    if face == "json":
        assert is_problem(response, 422)
        return
    assert is_page(response) == (face == "page")
    assert "besides it" in response.text or face == "htmx"
    fields = inputs(response.text)
    assert fields["word"]["value"] == "purple"
    assert "autofocus" in fields["password"]
    assert fields["username"]["value"] == ada.email


@each_face
async def test_wrong_password_is_told_at_its_field_and_kept_nowhere(face: Face, ada: Browser, stores: Stores) -> None:
    stores.age(WINDOW, "confirmed")
    await ada.get(PATH)
    response = await ada.send(face, PATH, {**TYPED, "password": "wrong lanterns"})
    assert response.status_code == 401
    assert WRONG in response.text
    assert "wrong lanterns" not in response.text
    assert face == "json" or inputs(response.text)["word"]["value"] == "purple"


@each_face
async def test_right_password_does_it_and_counts_for_the_window(face: Face, ada: Browser, stores: Stores) -> None:
    stores.age(WINDOW, "confirmed")
    await ada.get(PATH)
    response = await ada.send(face, PATH, {**TYPED, "password": PASSWORD})
    assert response.status_code == (303 if face == "page" else 200)
    assert (await ada.json("POST", PATH, TYPED)).status_code == 200


async def test_what_is_refused_for_another_reason_asks_no_second_time(ada: Browser, stores: Stores) -> None:
    stores.age(WINDOW, "confirmed")
    await ada.get(PATH)
    response = await ada.post(PATH, {"word": "no", "password": PASSWORD})
    assert response.status_code == 422
    assert "password" not in inputs(response.text)


async def test_what_is_wrong_besides_is_told_first_and_no_try_is_counted(ada: Browser, stores: Stores) -> None:
    stores.age(WINDOW, "confirmed")
    for _ in range(6):
        response = await ada.json("POST", PATH, {"word": "", "password": "wrong lanterns"})
        assert response.status_code == 422


@each_face
async def test_guessing_it_has_to_wait(face: Face, ada: Browser, stores: Stores) -> None:
    stores.age(WINDOW, "confirmed")
    await ada.get(PATH)
    for _ in range(5):
        assert (await ada.json("POST", PATH, {**TYPED, "password": "wrong lanterns"})).status_code == 401
    response = await ada.send(face, PATH, {**TYPED, "password": PASSWORD})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 800
    assert face == "json" or inputs(response.text)["word"]["value"] == "purple"


@each_face
async def test_session_that_ended_meanwhile_leads_to_the_sign_in_page(
    face: Face, ada: Browser, stores: Stores, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    stores.age(WINDOW, "confirmed")
    await ada.get(PATH)
    accounts = (await site.services()).accounts
    confirm = accounts.confirm_password

    async def end_meanwhile(account_id: str, password: str, **source: str) -> None:
        await confirm(account_id, password, **source)
        await (await site.services()).sessions.end_all(account_id, Cause("elsewhere"))

    monkeypatch.setattr(type(accounts), "confirm_password", lambda _, *a, **k: end_meanwhile(*a, **k))
    response = await ada.send(face, PATH, {**TYPED, "password": PASSWORD})
    assert response.status_code == (303 if face == "page" else 401)
    where = {"page": "Location", "htmx": "HX-Redirect"}.get(face)
    assert where is None or response.headers[where].startswith("/login?next=/")
