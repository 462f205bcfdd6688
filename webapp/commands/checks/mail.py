"""Mail: the server takes us, or the folder can be written; nothing is sent.

A server is asked in the ways of ``webapp/mail/smtp.py``, so that what is well here is well there.
"""

import os
import smtplib
import ssl
from functools import partial
from pathlib import Path

from webapp.mail.smtp import Server
from webapp.setting_addresses import mail_folder
from webapp.settings import Settings

from .findings import Finding, ok, warning, wrong
from .threads import in_thread

# Seconds for each answer of the server.
TIMEOUT = 4
NOBODY_GETS = "forgotten passwords cannot be replaced, addresses not be confirmed, and nobody is told of changes."


async def examine(settings: Settings) -> list[Finding]:
    """Check what MAIL_URL names."""
    url = settings.mail_url
    if url is None:
        return [_nothing(settings)]
    if url.startswith("file:"):
        return [_folder(mail_folder(url).absolute(), settings)]
    return [await in_thread(partial(_server, Server.at(url)))]


def _nothing(settings: Settings) -> Finding:
    if settings.production:
        return warning(f"MAIL_URL is not set, so no mail is sent: {NOBODY_GETS}")
    return ok("MAIL_URL is not set: no mail is sent.")


def _folder(path: Path, settings: Settings) -> Finding:
    nearest = next((folder for folder in (path, *path.parents) if folder.exists()), Path())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return wrong(f"Mail cannot be written into {path}. Make that folder, writable by this user.")
    if settings.production:
        return warning(f"Mail is written into {path}. Unless something takes it from there, {NOBODY_GETS}")
    return ok(f"Mail is written into {path}, and sent to nobody.")


def _server(server: Server) -> Finding:
    where = f"The mail server at {server.host}"
    try:
        with _connect(server) as connection:
            return _greet(connection, server, where)
    except ssl.SSLCertVerificationError as error:
        return wrong(f"{where} shows a certificate that is not good for it: {error.verify_message}.")
    except ssl.SSLError:
        return wrong(f"{where} does not speak TLS as it should. MAIL_URL says smtps:// for TLS from the start.")
    except smtplib.SMTPAuthenticationError:
        return wrong(f"{where} refuses user or password. See MAIL_URL.")
    except (smtplib.SMTPException, OSError) as error:
        return wrong(f"{where} cannot be used: {_reason(error)}. See MAIL_URL.")


def _connect(server: Server) -> smtplib.SMTP:
    if server.tls_from_the_start:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=_context(server))
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


def _context(server: Server) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.may_be_plain:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _greet(connection: smtplib.SMTP, server: Server, where: str) -> Finding:
    connection.ehlo_or_helo_if_needed()
    encrypted = server.tls_from_the_start
    if not encrypted and connection.has_extn("starttls"):
        connection.starttls(context=_context(server))
        encrypted = True
    # A letter holds links that are worth as much as a password, so it does not leave; nor does the password.
    if not encrypted and not server.may_be_plain:
        return wrong(f"{where} offers no encryption: mail would be readable on the way, and is not sent. Use smtps://.")
    if server.user:
        connection.login(server.user, server.password)
        return ok(f"{where} answers{', encrypted,' if encrypted else ''} and takes user and password.")
    return warning(f"{where} answers. MAIL_URL names no user, and most servers take mail from their users alone.")


def _reason(error: Exception) -> str:
    # smtplib tells of silence as of a connection that was closed.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"it did not answer within {TIMEOUT} s"
    if isinstance(error, smtplib.SMTPException):
        return "it does not speak SMTP as it should"
    return (getattr(error, "strerror", None) or type(error).__name__).lower()
