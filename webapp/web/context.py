"""What the application carries: its settings and its services, found from inside a request."""

from typing import cast

from quart import Quart, current_app

from webapp.settings import Settings
from webapp.wiring import Services

SETTINGS = "gatehouse.settings"
SERVICES = "gatehouse.services"


def attach_settings(app: Quart, settings: Settings) -> None:
    """Give ``app`` its settings."""
    app.extensions[SETTINGS] = settings


def attach_services(app: Quart, services: Services) -> None:
    """Give ``app`` its services; called when it starts serving, as they live on the event loop."""
    app.extensions[SERVICES] = services


def settings() -> Settings:
    """Return the settings of the application that answers this request."""
    return settings_of(current_app)


def settings_of(app: Quart) -> Settings:
    """Return the settings that ``attach_settings`` gave to ``app``."""
    return cast(Settings, app.extensions[SETTINGS])


def services() -> Services:
    """Return the services of the application that answers this request."""
    return cast(Services, current_app.extensions[SERVICES])
