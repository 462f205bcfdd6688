"""create_app(settings): what the application is made of, as a table of contents."""

from collections.abc import AsyncGenerator
from pathlib import Path

from quart import Quart

from .accounts.passwords import PasswordHasher
from .settings import Settings
from .web.application import Application
from .web.assets import install_assets
from .web.body_cap import BODY_SECONDS, MAX_BODY_BYTES
from .web.browser import install_browser
from .web.context import attach_services, attach_settings
from .web.errors import install_errors
from .web.gate import pass_gate
from .web.pages import install_pages
from .web.session_cookie import install_identity
from .web.templating import install_templates
from .web.visitor import configure_visitor_cookie
from .wiring import open_services

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings, hasher: PasswordHasher | None = None) -> Quart:
    """Build the application; it opens Redis and the database when it starts serving.

    ``hasher`` is for tests, which take the cheapest parameters.
    """
    app = Application(__name__, settings)
    _configure(app, settings)
    _open_services_while_serving(app, settings, hasher or PasswordHasher(processes=settings.web_concurrency))
    install_identity(app, settings)
    install_browser(app)
    app.before_request(pass_gate)
    install_errors(app)
    install_templates(app, ROOT / "templates", install_assets(app, ROOT / "static"))
    install_pages(app)
    return app


def _configure(app: Quart, settings: Settings) -> None:
    attach_settings(app, settings)
    app.secret_key = settings.secret_key
    app.config.update(
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        BODY_TIMEOUT=BODY_SECONDS,
        # An automatic answer to OPTIONS would pass no guard, and nothing here needs one.
        PROVIDE_AUTOMATIC_OPTIONS=False,
        # Our error pages answer for our bugs in every environment, as in production.
        PROPAGATE_EXCEPTIONS=False,
    )
    # /settings//sessions has no page. The router would answer it by a redirect of its own, in one face for all.
    app.url_map.merge_slashes = False
    configure_visitor_cookie(app, settings)


def _open_services_while_serving(app: Quart, settings: Settings, hasher: PasswordHasher) -> None:
    @app.while_serving
    async def services() -> AsyncGenerator[None, None]:
        async with open_services(settings, hasher) as opened:
            attach_services(app, opened)
            yield
