"""The ASGI object: the trusted proxies around the application, and the security headers around everything."""

from .factory import create_app
from .settings import Settings
from .web.asgi import App
from .web.headers import SecurityHeaders
from .web.proxies import TrustedProxies


def build(settings: Settings) -> App:
    """Put the whole of it together; nothing is opened before it is served."""
    return SecurityHeaders(TrustedProxies(create_app(settings), settings), settings)
