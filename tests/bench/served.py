"""The real server with one page more: the dashboard as it costs a visitor, who has no session and no cookie.

    PYTHONPATH=.:tests python -m bench.served

What the dashboard takes more than this page is the price of the session. So the two are of the same template and size,
and pass the same guards; only whose session it shows is not asked of anybody.
"""

import os
import sys
from unittest.mock import patch

from quart import Blueprint, Response
from quart import session as cookie

from webapp import server
from webapp.factory import create_app
from webapp.main import enclose
from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot, Resumed, Session
from webapp.settings import Settings
from webapp.web.asgi import App
from webapp.web.faces import Face, as_json, face
from webapp.web.guards import confirmed_until, public
from webapp.web.identity import viewer
from webapp.web.templating import page

PATH = "/bench/visitor"
# Ids are random, and these are as long.
SOMEBODY, SOMEWHERE = "A" * 22, "S" * 22
BEGAN = 1_700_000_000
ACCOUNT = AccountSnapshot(SOMEBODY, "Ada Lovelace", "ada.1@example.test", "member")
SESSION = Session(
    id=SOMEWHERE,
    account_id=SOMEBODY,
    created=BEGAN,
    seen=BEGAN,
    confirmed=BEGAN,
    idle=30 * 86400,
    expires=BEGAN + 365 * 86400,
    remembered=True,
    method="password",
    device=Device("Firefox on Windows", "computer"),
    address="127.0.0.1",
    name="",
)

blueprint = Blueprint("bench", __name__)


@blueprint.get(PATH)
@public
async def visitor_page() -> Response:
    """Show the dashboard of somebody who is not there; as every page of ours it asks first what to answer in."""
    if face() is Face.JSON:
        return as_json({})
    viewer().is_known(Resumed(SESSION, ACCOUNT, BEGAN + 60, moved=False))
    # Its forms would give this visitor an id, and a cookie with it: that would be made and signed for each of these
    # pages, and for a dashboard never. It would make the session look cheaper than it is.
    cookie["id"] = SOMEBODY
    answer = page("account/dashboard.html", now=BEGAN + 60, confirmed_until=confirmed_until())
    cookie.modified = False
    return answer


def build(settings: Settings) -> App:
    """Put the application together, with the page."""
    app = create_app(settings)
    app.register_blueprint(blueprint)
    return enclose(app, settings)


def main() -> int:
    """Serve until SIGTERM; returns the exit status."""
    with patch.object(server, "build", build):
        return server.serve(Settings.from_env(os.environ))


if __name__ == "__main__":
    sys.exit(main())
