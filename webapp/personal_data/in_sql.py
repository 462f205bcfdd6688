"""What the tables hold about people."""

from datetime import timedelta
from math import ceil

from webapp.accounts.browsers import KNOWN_FOR
from webapp.accounts.links import LIFETIMES
from webapp.accounts.owed import AFTER_THE_REQUEST, ERASURE_AFTER
from webapp.history.model import KEPT, MOST
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
        "kind": "what it is: a mail, a sign-out, a changed name or email, a wish for a new password, an erasure, a "
        "wrong password, or a session whose end is to be written into your history",
        "account_id": "whose account it is for",
        "body": "what is needed for it; for a mail your email, your name, and what it tells you; for a wrong "
        "password the email, the device and a part of the network address; for a session its device, its address and "
        "its browser",
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
    " waits for {erasure}, and what is to be written of a session for as long as that lives.",
    {
        "mail": _seconds(PATIENCE),
        "reset": _seconds(LIFETIMES["reset"]),
        "followed": _seconds(AFTER_THE_REQUEST),
        "erasure": _seconds(ERASURE_AFTER),
    },
)

EVENTS = Kept(
    "database",
    "event",
    "Your history",
    {
        "id": "a random text by which the line is known, or that of the session that it is about",
        "account_id": "whose account it is about",
        "at": "when it was",
        "kind": "what happened: a sign-in, wrong passwords, an end of a session, a change of your account",
        "session_id": "the random text of the session that it is about, or in which it was done",
        "device": "the browser and the system, as they called themselves",
        "address": "the network address (IP). Once the session is over, and where there was none, it is cut to its "
        "first three parts (IPv4, /24) or the first six bytes (IPv6, /48)",
        "place": "the city or country of that address, where this site knows one",
        "body": "what its words need, such as why a session ended, how many passwords were wrong and whether we wrote "
        "to you of it, or a new name",
        "browser": "the random name of the browser of a sign-in, or of one that was not you, out of the cookie by "
        "which it is known",
        "token_hash": "a fingerprint of the link in the mail about a sign-in, out of which nobody can make it",
        "token_until": "until when that link opens something",
    },
    "So that you can see what happened to your account, and notice what was not you.",
    f"For {{history}}, and no more than the newest {MOST:,} lines. What is older is not shown, and cleared away every "
    "{sweep} or more often.",
    {"history": _seconds(KEPT), "sweep": ceil(TIMINGS.sweep * LONGEST)},
)

BROWSERS = Kept(
    "database",
    "known_browser",
    "Browsers that you have signed in with",
    {
        "account_id": "whose account it is",
        "name": "the random name of that browser, out of a cookie",
        "secret": "a fingerprint of the rest of that cookie; nobody can sign in with it",
        "previous": "the same of the cookie before it, in case that the new one did not reach the browser",
        "created": "when you first signed in with it",
        "used": "when you last did",
    },
    "To write to you when somebody signs in with another one, and so that people who guess your password cannot keep "
    "you from signing in.",
    "For {known} after the last sign-in.",
    {"known": _seconds(KNOWN_FOR)},
)

IN_SQL = (ACCOUNT, EVENTS, BROWSERS, LINKS, OUTBOX)
