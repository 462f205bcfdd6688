"""The mails that this site has sent, for whoever builds on it; in development only.

Everybody may look, without signing in: a link in a mail has to be found by somebody who cannot.
"""

from http import HTTPStatus
from pathlib import Path

from quart import Blueprint, Response, abort

from webapp.mail.sent import SentMail, sent_mail, sent_mails
from webapp.setting_addresses import mail_folder
from webapp.web.context import settings
from webapp.web.guards import public
from webapp.web.templating import page

blueprint = Blueprint("dev_mail", __name__, url_prefix="/dev/mail")

# The HTML of a mail brings its style with it, as mail programs want it; nothing else of it is obeyed.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("")
@public
async def mails() -> Response:
    """List what was sent, the latest first."""
    folder = _folder()
    return page("dev/mails.html", mails=[] if folder is None else sent_mails(folder), folder=folder)


@blueprint.get("/<name>")
@public
async def mail(name: str) -> Response:
    """Show one mail as text, with its links."""
    return page("dev/mail.html", mail=_found(name))


@blueprint.get("/<name>/html")
@public
async def html(name: str) -> Response:
    """Show the HTML of one mail and nothing else."""
    headers = {"Content-Security-Policy": MAIL_POLICY}
    return Response(_found(name).html, headers=headers, content_type="text/html; charset=utf-8")


def _found(name: str) -> SentMail:
    folder = _folder()
    found = None if folder is None else sent_mail(folder, name)
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "There is no such mail.")
    return found


def _folder() -> Path | None:
    """Give the folder that mails are written into; None where a server takes them, or nobody."""
    url = settings().mail_url
    return mail_folder(url) if url and url.startswith("file:") else None
