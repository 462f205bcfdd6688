"""A blueprint a noun. A handler reads a form, calls one service and chooses an answer; it decides nothing else."""

from quart import Quart

from . import confirmation, dashboard, health, home, login, logout, registration, sessions, well_known

BLUEPRINTS = (
    home.blueprint,
    registration.blueprint,
    login.blueprint,
    logout.blueprint,
    confirmation.blueprint,
    dashboard.blueprint,
    sessions.blueprint,
    well_known.blueprint,
    health.blueprint,
)


def install_pages(app: Quart) -> None:
    """Register every page."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
