"""The ASGI object: the trusted proxies around the application; around them the operator's ear, headers and the log."""

from quart import Quart

from .factory import create_app
from .settings import Settings
from .web.access_log import AccessLog
from .web.asgi import App
from .web.headers import SecurityHeaders
from .web.inquiry import Inquiry
from .web.proxies import TrustedProxies


def build(settings: Settings) -> App:
    """Put the whole of it together; nothing is opened before it is served."""
    return enclose(create_app(settings), settings)


def enclose(app: Quart, settings: Settings) -> App:
    """Put around the application what every request passes first; the outermost sees what the others refuse."""
    guarded = TrustedProxies(app, settings)
    return AccessLog(SecurityHeaders(Inquiry(guarded, settings), settings))
