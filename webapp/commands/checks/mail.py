"""Mail: the server takes us, or the folder can be written; nothing is sent."""

import os
import smtplib
import ssl
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from webapp.settings import Settings

from .findings import Finding, ok, warning, wrong
from .surroundings import is_this_machine
from .threads import in_thread

# Seconds for each answer of the server.
TIMEOUT = 4
# Where a server waits for mail of people who sign in, with TLS from the start and with TLS on demand (RFC 8314).
PORTS = {"smtps": 465, "smtp": 587}


async def examine(settings: Settings) -> list[Finding]:
    """Check what MAIL_URL names."""
    if settings.mail_url is None:
        return [ok("MAIL_URL is not set: no mail is sent.")]
    url = urlsplit(settings.mail_url)
    if url.scheme == "file":
        return [_folder(Path(unquote(url.netloc + url.path)))]
    return [await in_thread(partial(_server, url))]


def _folder(path: Path) -> Finding:
    nearest = next((folder for folder in (path, *path.parents) if folder.exists()), Path())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return wrong(f"Mail cannot be written into {path}. Make that folder, writable by this user.")
    return ok(f"Mail is written into {path}, and sent to nobody.")


def _server(url: SplitResult) -> Finding:
    host = url.hostname or "localhost"
    where = f"The mail server at {host}"
    try:
        with _connect(url, host) as server:
            return _greet(server, url, where, host)
    except ssl.SSLCertVerificationError as error:
        return wrong(f"{where} shows a certificate that is not good for it: {error.verify_message}.")
    except ssl.SSLError:
        return wrong(f"{where} does not speak TLS from the start. Write smtp:// in MAIL_URL.")
    except smtplib.SMTPAuthenticationError:
        return wrong(f"{where} refuses user or password. See MAIL_URL.")
    except (smtplib.SMTPException, OSError) as error:
        return wrong(f"{where} cannot be used: {_reason(error)}. See MAIL_URL.")


def _connect(url: SplitResult, host: str) -> smtplib.SMTP:
    port = url.port or PORTS[url.scheme]
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=TIMEOUT)


def _greet(server: smtplib.SMTP, url: SplitResult, where: str, host: str) -> Finding:
    server.ehlo_or_helo_if_needed()
    encrypted = url.scheme == "smtps"
    if not encrypted and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        encrypted = True
    if not url.username:
        return warning(f"{where} answers. MAIL_URL names no user, and most servers take mail from their users alone.")
    # A password in the clear is everybody's on the way, so it is not even tried.
    if not encrypted and not is_this_machine(host):
        return wrong(f"{where} offers no encryption: the password would be readable on the way. Use smtps://.")
    server.login(unquote(url.username), unquote(url.password or ""))
    return ok(f"{where} answers{', encrypted,' if encrypted else ''} and takes user and password.")


def _reason(error: Exception) -> str:
    # smtplib tells of silence as of a connection that was closed.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"it did not answer within {TIMEOUT} s"
    if isinstance(error, smtplib.SMTPException):
        return "it does not speak SMTP as it should"
    return (getattr(error, "strerror", None) or type(error).__name__).lower()
