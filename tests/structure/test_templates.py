"""Templates are whole, used, strict, and closed to what our Content-Security-Policy would refuse."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import cast

import pytest
from jinja2 import Environment, StrictUndefined
from pages import Site, Tags
from quart import Quart
from serving import serving
from structure import templates
from structure.walk import everything_shown

from webapp.accounts.passwords import PasswordHasher
from webapp.web.page_environment import DRAWN, Preparation
from webapp.web.templating import ENVIRONMENT

FORBIDDEN = re.compile(
    r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|\shx-on|javascript:|[\"']js:"
    # Escaping is what stands between a device's name and our page.
    r"|\|\s*safe\b|autoescape false",
    re.IGNORECASE,
)
POST_FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\".*?</form>", re.DOTALL)
# Attributes that name an element by its id: some hold several, htmx's hold a selector.
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "data-confirm", "data-reveals")
VOID = {"input", "img", "br", "hr", "meta", "link"}

each_template = pytest.mark.parametrize("name", templates.names())
each_fragment = pytest.mark.parametrize("name", templates.fragments())


class Roots(HTMLParser):
    """Collects the elements that stand in no other."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.loose = ""
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth == 0:
            self.found.append(dict(attrs))
        self._depth += tag not in VOID

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag not in VOID

    def handle_data(self, data: str) -> None:
        if self._depth == 0:
            self.loose += data.strip()


@each_template
def test_template_parses_and_has_nothing_inline(name: str) -> None:
    assert templates.drawn_in(name) <= set(templates.names())
    assert FORBIDDEN.findall(templates.source(name)) == []


@each_template
def test_template_gives_each_form_that_changes_something_a_token(name: str) -> None:
    forms = POST_FORM.findall(templates.source(name))
    assert len(forms) == templates.source(name).count('method="post"')
    assert [form for form in forms if "csrf_field()" not in form] == []


@each_template
def test_template_is_named_by_a_handler_or_drawn_in_by_one_that_is(name: str) -> None:
    assert name in set().union(*map(templates.reached_from, templates.named_in_code()))


def test_templates_that_handlers_name_exist() -> None:
    assert templates.named_in_vain() == []


@each_fragment
def test_fragment_is_part_of_a_page(name: str) -> None:
    pages = [page for page in templates.names() if "base.html" in templates.drawn_in(page)]
    assert name in set().union(*map(templates.reached_from, pages))


@each_fragment
def test_fragment_has_one_root_with_a_stable_id(name: str) -> None:
    roots = Roots(templates.markup(name))
    assert len(roots.found) == 1
    assert roots.loose == ""
    identity = roots.found[0].get("id")
    assert identity
    assert identity.strip("x-")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """Show what only those see who build the site."""
    return {**environ, "APP_ENV": "development"}


async def test_site_renders_every_template_strictly(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = set(DRAWN.values())

    def leave_includes(app: Quart) -> None:
        # So that each is asked for when it is rendered. What was compiled before has them in it.
        monkeypatch.setattr(Preparation, "visit_Include", lambda _, node: node)
        app.extensions[ENVIRONMENT].bytecode_cache = None

    async with serving(environ, cheap_hasher(), leave_includes) as site:
        environment = cast(Environment, site.app.extensions[ENVIRONMENT])
        assert environment.undefined is StrictUndefined
        assert environment.autoescape is True
        get_template = environment.get_template

        def note(name: str, *others: object) -> object:
            rendered.add(name)
            return get_template(name, *others)  # type: ignore[arg-type]  # Whatever Jinja gives is passed on.

        monkeypatch.setattr(environment, "get_template", note)
        shown = [html async for html in everything_shown(site)]
    assert [html for html in shown if "our fault" in html] == []
    assert set(templates.names()) - rendered == set()


async def test_shown_html_is_whole(site: Site) -> None:
    async for html in everything_shown(site):
        found = [tag["id"] for tag in tags_of(html) if "id" in tag]
        assert len(found) == len(set(found)), html
        if "<html" in html:
            assert references(html) <= set(found), html
        for form in POST_FORM.findall(html):
            assert re.search(r'name="csrf_token" value="[\w-]{43}"', form), form
        assert FORBIDDEN.findall(html) == []


def tags_of(html: str) -> list[dict[str, str]]:
    return [attributes for _, attributes in Tags(html).found]


def references(html: str) -> set[str]:
    found = [tag[name].split() for tag in tags_of(html) for name in REFERENCES if name in tag]
    selectors = [[tag["hx-target"][1:]] for tag in tags_of(html) if tag.get("hx-target", "").startswith("#")]
    return {identity for several in (*found, *selectors) for identity in several}
