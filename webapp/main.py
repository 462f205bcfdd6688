"""The ASGI object: what every request passes on its way to the application.

From the outside inwards:

    AccessLog          writes a line for every request, and puts its number on the answer
    SecurityHeaders    stand on every answer, whoever gives it
    Inquiry            answers ``doctor --request``, which asks about the very things that are refused further inside
    BodyCap            lets no more of a body in than a form needs
    TrustedProxies     refuses what is not for this site, and tells the application who asks, and over which scheme
    Turnstile          lets forms that come all at once begin one after the other
"""

from quart import Quart

from .factory import create_app
from .settings import Settings
from .web.access_log import AccessLog
from .web.asgi import App
from .web.body_cap import BodyCap
from .web.forwarding import Forwarding
from .web.headers import SecurityHeaders
from .web.inquiry import Inquiry
from .web.proxies import TrustedProxies
from .web.turnstile import Turnstile


def build(settings: Settings) -> App:
    """Put the whole of it together; nothing is opened before it is served."""
    return enclose(create_app(settings), settings)


def enclose(app: Quart, settings: Settings) -> App:
    """Put around the application what every request passes first."""
    # One for both who ask it: it says each of its doubts once.
    forwarding = Forwarding(settings)
    guarded = BodyCap(TrustedProxies(Turnstile(app), settings, forwarding))
    return AccessLog(SecurityHeaders(Inquiry(guarded, settings, forwarding), settings))
