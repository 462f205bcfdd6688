"""What went wrong with a mail server, in a sentence for the log and without what servers like to quote: addresses."""

import os
import re
import ssl

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from webapp.outbox.errors import GiveUp

from .errors import MailNotSent, PerhapsSent, Undeliverable

# RFC 3463: no such mailbox, no such system, bad syntax, mailbox has moved; RFC 7505: a domain that takes no mail.
# Every other refusal may be ours to mend, such as a server that does not relay for us yet.
NOBODY_THERE = re.compile(r"5\.1\.(?:1|2|3|6|10)\b")
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")

REFUSALS: tuple[tuple[type[SMTPResponseException], str], ...] = (
    (SMTPAuthenticationError, "the server refuses user or password"),
    (SMTPSenderRefused, "the server refuses the sender (MAIL_FROM)"),
    (SMTPRecipientRefused, "the server refuses the recipient"),
    (SMTPDataError, "the server refuses the mail"),
)


def failure(error: Exception) -> MailNotSent | GiveUp:
    """Give what is to be raised for what the connection or the library raised."""
    if isinstance(error, SMTPRecipientRefused) and NOBODY_THERE.match(error.message):
        return Undeliverable(f"nobody has this address, the server says ({_code(error)})")
    return MailNotSent(_reason(error))


def doubt(error: Exception) -> PerhapsSent:
    """Give what is to be raised for the same where the mail was handed over and no answer came."""
    return PerhapsSent(f"the mail was handed over, but {_reason(error)}")


def _reason(error: Exception) -> str:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of the server is not good for it: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the server does not speak TLS as it should"
    if isinstance(error, SMTPResponseException):
        refusal = next((words for kind, words in REFUSALS if isinstance(error, kind)), "the server will not do it")
        return f"{refusal} ({_code(error)})"
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return "the server did not answer in time"
    return _connection(error, causes)


def _connection(error: Exception, causes: list[BaseException]) -> str:
    if said := next(filter(None, map(_system, causes)), ""):
        return f"the server cannot be reached: {said.lower()}"
    if isinstance(error, SMTPConnectError):
        # Of several addresses that were tried, each may have its reason.
        return "the server cannot be reached"
    if isinstance(error, ConnectionError):
        return "the connection to the server was lost"
    if isinstance(error, SMTPException):
        return "the server does not offer what MAIL_URL asks of it"
    return "the server cannot be spoken to"


def _system(cause: BaseException) -> str:
    if not isinstance(cause, OSError) or cause.errno is None:
        return ""
    # Names that are not known have numbers below zero, and words of their own; asyncio's words name the address.
    return os.strerror(cause.errno) if cause.errno > 0 else cause.strerror or ""


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _code(error: SMTPResponseException) -> str:
    enhanced = ENHANCED.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
