"""Where templates come from, and when."""

from pathlib import Path

from asgi_calls import settings
from quart import Quart

from webapp.web.assets import Assets
from webapp.web.context import attach_settings
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
