"""A blueprint a noun. A handler reads a form, calls one service and chooses an answer; it decides nothing else."""

from quart import Quart

from webapp.web.context import settings_of

from . import (
    confirmation,
    dashboard,
    dev_mail,
    email_links,
    health,
    history,
    home,
    login,
    logout,
    not_me,
    passwords,
    personal_data,
    profile,
    recovery,
    registration,
    restoring,
    session_again,
    session_ended,
    session_events,
    session_stay,
    sessions,
    settings,
    well_known,
)

BLUEPRINTS = (
    home.blueprint,
    registration.blueprint,
    login.blueprint,
    logout.blueprint,
    recovery.blueprint,
    email_links.blueprint,
    restoring.blueprint,
    not_me.blueprint,
    confirmation.blueprint,
    dashboard.blueprint,
    settings.blueprint,
    profile.blueprint,
    passwords.blueprint,
    sessions.blueprint,
    session_events.blueprint,
    session_ended.blueprint,
    session_again.blueprint,
    session_stay.blueprint,
    history.blueprint,
    personal_data.blueprint,
    well_known.blueprint,
    health.blueprint,
)


def install_pages(app: Quart) -> None:
    """Register every page."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if not settings_of(app).production:
        app.register_blueprint(dev_mail.blueprint)
