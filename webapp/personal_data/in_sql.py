"""What the tables hold about people."""

from datetime import timedelta
from math import ceil

from webapp.accounts.links import LIFETIMES
from webapp.accounts.owed import AFTER_THE_REQUEST, ERASURE_AFTER
from webapp.outbox.model import PATIENCE
from webapp.outbox.runner import TIMINGS
from webapp.outbox.sweeping import LONGEST

from .model import Kept


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


ACCOUNT = Kept(
    "database",
    "account",
    "Your account",
    {
        "id": "a random text by which the account is known",
        "email": "your email, as you typed it",
        "email_key": "the same in the form in which emails are compared",
        "name": "your name",
        "role": "your role: member or admin",
        "password_hash": "a fingerprint of your password (argon2id), out of which nobody can read it",
        "created": "when you registered",
        "confirmed": "when your email was last confirmed",
        "password_changed": "when your password was last changed",
        "erase_at": "when all of this is erased, if you asked for that",
    },
    "To let you in, and to show you who you are here.",
    "Until you erase the account, and {erasure} more, in which you can change your mind.",
    {"erasure": _seconds(ERASURE_AFTER)},
)

LINKS = Kept(
    "database",
    "link",
    "Links in mails to you",
    {
        "token_hash": "a fingerprint of the link, out of which nobody can make it",
        "account_id": "whose account it is for",
        "purpose": "what it opens",
        "email": "the email that it is about",
        "email_key": "the same in the form in which emails are compared",
        "created": "when it was made",
        "expires": "until when it opens something",
    },
    "So that a link works once, and only while it should.",
    "Until you use it or a newer one takes its place. Else a link that confirms your email is kept for {confirm}, one "
    "to a new email for {change}, one back to an earlier email for {restore}, one to a new password for {reset}. Links "
    "that are over are cleared away every {sweep} or more often.",
    {
        **{purpose: _seconds(lifetime) for purpose, lifetime in LIFETIMES.items()},
        "sweep": ceil(TIMINGS.sweep * LONGEST),
    },
)

OUTBOX = Kept(
    "database",
    "outbox",
    "What is still to be done for you",
    {
        "id": "a random text by which it is known",
        "kind": "what it is: a mail, a sign-out, a changed name or email, a wish for a new password, an erasure",
        "account_id": "whose account it is for",
        "body": "what is needed for it; for a mail your email, your name, and what it tells you",
        "created": "when it came up",
        "due": "when it is to be done",
        "until": "until when it is tried",
        "claimed_until": "until when one of our servers is busy with it",
        "attempts": "how often it was tried",
    },
    "So that nothing is forgotten when a mail server or one of our own does not answer.",
    "Until it is done, mostly for seconds. A mail is given up after {mail}; the last one, which says that your account "
    "is erased, waits no longer than that either. A wish for a new password is given up after {reset}. What your open "
    "sessions must learn is done {followed} later if it failed the first time, and then until it is done. An erasure"
    " waits for {erasure}.",
    {
        "mail": _seconds(PATIENCE),
        "reset": _seconds(LIFETIMES["reset"]),
        "followed": _seconds(AFTER_THE_REQUEST),
        "erasure": _seconds(ERASURE_AFTER),
    },
)

IN_SQL = (ACCOUNT, LINKS, OUTBOX)
