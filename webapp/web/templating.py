"""Pages and fragments from templates.

An environment of our own instead of Quart's: that one renders asynchronously and runs every context processor on each
page, at several times the cost (docs/decisions, 4), and it lets a missing variable pass as an empty string.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from jinja2 import FileSystemLoader, StrictUndefined
from quart import Quart, Response, current_app

from webapp import words

from .assets import Assets
from .context import settings_of
from .countdown import counting_down, wait_in_words
from .csrf import CsrfField, visitor_csrf_field
from .identity import viewer
from .moments import manner, moment
from .page_environment import PageEnvironment
from .redirects import same_page
from .visitor import Notice, take_notices

ENVIRONMENT = "gatehouse.templates"
HTML = "text/html; charset=utf-8"


def install_templates(app: Quart, folder: Path, assets: Assets) -> None:
    """Read templates from ``folder`` when serving begins; a variable that nobody gave is an error, not an empty row."""
    environment = PageEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        asset=assets.url,
        moment=moment,
        manner=manner,
        iso=words.iso,
        exact=words.exact,
        clock=words.clock,
        ago=words.ago,
        until=words.until,
        counted=words.counted,
        counting_down=counting_down,
        wait_in_words=wait_in_words,
    )
    environment.globals.update(
        visitor_csrf_field=visitor_csrf_field,
        same_page=same_page,
        site_name=words.SITE_NAME,
        mail_is_sent=settings_of(app).mail_is_sent,
        pages_hear=settings_of(app).session_streams > 0,
    )
    app.extensions[ENVIRONMENT] = environment

    @app.while_serving
    async def templates() -> AsyncGenerator[None, None]:
        environment.read_all()
        compiling = asyncio.create_task(environment.compile_all())
        yield
        compiling.cancel()


def page(template: str, status: int = HTTPStatus.OK, /, **context: Any) -> Response:
    """Answer with a whole page; what was to be told once is told on it, unless it brings ``notices`` of its own."""
    notices = context.pop("notices", None)
    if notices is None:
        notices = take_notices()
    # By these ids what has the focus from the start names them.
    told = " ".join(f"told-{place}" for place, _ in enumerate(notices, start=1))
    return _render(template, status, {"notices": notices, "told": told, "fragment": False, **context})


def fragment(template: str, status: int = HTTPStatus.OK, /, *notices: Notice, **context: Any) -> Response:
    """Answer with a piece of a page, and ``notices`` for its live region."""
    return _render(template, status, {"notices": list(notices), "told": "", "fragment": True, **context})


def piece(template: str, /, **context: Any) -> str:
    """Render a piece of a page that no answer of its own brings: it leaves the notices there as they are."""
    return _rendered(template, {"notices": [], "told": "", "fragment": False, **context})


def _render(template: str, status: int, context: Mapping[str, Any]) -> Response:
    return Response(_rendered(template, context), status, content_type=HTML)


def _rendered(template: str, context: Mapping[str, Any]) -> str:
    environment = cast(PageEnvironment, current_app.extensions[ENVIRONMENT])
    who = viewer()
    return environment.get_template(template).render(
        viewer=who.known, unsure=who.unsure, csrf_field=CsrfField(), **context
    )
