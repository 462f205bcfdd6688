"""Where templates come from, and when."""

import asyncio
import traceback
from pathlib import Path

import pytest
from asgi_calls import settings
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup
from quart import Quart
from structure.files import ROOT

from webapp.web.assets import Assets
from webapp.web.context import attach_settings
from webapp.web.moments import moment
from webapp.web.page_environment import PageEnvironment
from webapp.web.templating import ENVIRONMENT, install_templates


async def test_page_that_is_first_shown_after_a_deploy_has_put_new_files_there_is_the_old_one(tmp_path: Path) -> None:
    page, part = tmp_path / "page.html", tmp_path / "parts" / "_part.html"
    part.parent.mkdir()
    page.write_text("old page, {% include 'parts/_part.html' %}")
    part.write_text("old part")
    app = Quart("site")
    attach_settings(app, settings())
    install_templates(app, tmp_path, Assets(tmp_path))
    async with app.test_app():
        page.write_text("new page, {{ that_only_the_next_version_gives }}")
        part.unlink()
        assert app.extensions[ENVIRONMENT].get_template("page.html").render() == "old page, old part"


async def test_templates_are_compiled_beside_pages_and_a_broken_one_stops_no_other(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = environment(**{"a.html": "{% if %}", "b.html": "b", "c.html": "{% include 'b.html' %}"})
    templates.read_all()
    await templates.compile_all()
    # Whoever asks from here on waits for no compiler.
    monkeypatch.setattr(templates, "compile", None)
    assert templates.get_template("c.html").render() == "b"
    assert "The template a.html cannot be compiled." in [record.getMessage() for record in caplog.records]


async def test_page_does_not_wait_until_all_templates_are_compiled() -> None:
    templates = environment(**{f"{number}.html": "" for number in range(100)})
    templates.read_all()
    compiling = asyncio.create_task(templates.compile_all())
    await asyncio.sleep(0)
    assert templates.get_template("99.html").render() == ""
    assert not compiling.done()
    compiling.cancel()


def environment(**templates: str) -> PageEnvironment:
    """Return an environment of these templates, and of those that filters are drawn by."""
    drawn = {path.relative_to(ROOT / "templates").as_posix(): path for path in (ROOT / "templates/macros").iterdir()}
    every = {name: path.read_text() for name, path in drawn.items()} | templates
    return PageEnvironment(loader=DictLoader(every), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def test_what_is_drawn_of_constants_alone_is_drawn_when_the_template_is_compiled() -> None:
    compiled = environment().compile('{{ "close"|icon }}{{ "Yes"|badge("good") }}', raw=True)
    assert '<span class="badge badge-good">Yes</span>' in compiled
    assert "M17 7 7 17" in compiled
    assert "escape(" not in compiled


def test_what_is_drawn_of_text_that_somebody_chose_is_escaped_whatever_was_drawn_before() -> None:
    template = environment().from_string("{{ 'x'|icon(chosen) }}{{ chosen|badge }}")
    chosen = "<b>"
    safe = Markup("<b>")
    assert template.render(chosen=safe).count("<b>") == 2
    assert "<b>" not in template.render(chosen=chosen)
    assert "<b>" in moment(0, safe)
    assert "<b>" not in moment(0, chosen)


def test_what_a_template_includes_keeps_its_own_names() -> None:
    parts = environment(part="{% set mine = 'part' %}{{ mine }} {{ given }}, ", page="{% include 'part' %}{{ mine }}")
    assert parts.get_template("page").render(given=1, mine="page") == "part 1, page"
    rows = environment(part="{{ row }};", page="{% for row in rows %}{% include 'part' %}{% endfor %}")
    assert rows.get_template("page").render(rows=[1, 2]) == "1;2;"


def test_signs_are_sent_as_references_and_letters_as_they_are() -> None:
    page = environment(page="caf\xe9 \u2013 one moment\u2026 {{ given }}").get_template("page")
    assert page.render(given="\u201cme\u201d \u2026") == "caf\xe9 &#8211; one moment&#8230; \u201cme\u201d \u2026"


def test_error_in_what_is_included_is_shown_where_it_was_included() -> None:
    page = environment(part="\n\n{{ nobody }}", page="\n{% include 'part' %}\n").get_template("page")
    with pytest.raises(UndefinedError, match="nobody") as caught:
        page.render()
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.lineno for frame in frames if frame.filename == "<template>"] == [2]


def test_include_that_may_find_nothing_is_left_to_jinja() -> None:
    templates = environment(page="{% include 'gone' ignore missing %}{% include name %}", part="part")
    assert templates.get_template("page").render(name="part") == "part"
