"""What browsers, logs and mails hold about people."""

from collections.abc import Iterator

from webapp.setting_values import LONGEST_DURATION
from webapp.settings import Settings

from .model import Kept

LOG = Kept(
    "log",
    "log",
    "Lines of the log",
    {
        "time": "when a page was asked for",
        "level": "whether all went well",
        "logger": "which part of the program wrote the line",
        "message": "what happened, in a sentence",
        "request_id": "a number of the request",
        "address": "the network address (IP) that it came from",
        "method": "whether something was looked at or sent",
        "path": "which page it was, without secrets",
        "account": "the random text by which your account is known, while you are signed in",
        "status": "how it was answered",
        "milliseconds": "how long the answer took",
        "exception": "which fault of the program it met",
        "traceback": "where in the program that was",
    },
    "To find faults and attacks. Passwords, emails, cookies and links from mails are never in it.",
    "The program itself keeps none of it; it hands the lines to the machine or platform that it runs on. Those who run "
    "this site decide how long they stay there.",
)


def elsewhere(settings: Settings) -> Iterator[Kept]:
    """Describe what stands neither in SQL nor in Redis."""
    yield _session_cookie(settings)
    yield _visitor_cookie(settings)
    yield _told_cookie(settings)
    yield _browser_cookie(settings)
    yield LOG
    if settings.mail_url is not None:
        yield _mails(settings.mail_url)


def _session_cookie(settings: Settings) -> Kept:
    return Kept(
        "browser",
        settings.cookie_name("session"),
        "A cookie that keeps you signed in",
        {"<value>": "the random texts of your account and your session, and a secret, signed by us"},
        "To know you again on the next page.",
        "Until you sign out or close the browser; where you chose to be kept signed in, {remember_idle} after your last"
        " visit, and {remember_lifetime} after you signed in at the latest.",
        {"remember_idle": settings.remember_idle, "remember_lifetime": settings.remember_lifetime},
    )


def _visitor_cookie(settings: Settings) -> Kept:
    return Kept(
        "browser",
        settings.cookie_name("visitor"),
        "A cookie for forms and messages",
        {
            "id": "a random text, the same for this browser until it is closed",
            "notices": "messages that the next page shows once",
            "links": "where such a message leads to",
        },
        "To refuse forms that another site sends in your name, and to tell you what was done.",
        "Until you close the browser.",
    )


def _told_cookie(settings: Settings) -> Kept:
    return Kept(
        "browser",
        settings.cookie_name("told"),
        "A cookie that notes what you were told",
        {"<value>": "the random text of the session of this browser whose end you were told of last"},
        "To tell you once, and not on every page, why you were signed out.",
        "Until you close the browser.",
    )


def _browser_cookie(settings: Settings) -> Kept:
    return Kept(
        "browser",
        settings.cookie_name("browser"),
        "A cookie that tells this browser from others",
        {"<value>": "a random name of this browser, and a random text that each sign-in replaces, whoever signs in"},
        "To know the browsers on which you signed in before: nobody who guesses at your password elsewhere can keep you"
        " out of them, and you are told of a sign-in on another one. It lets nobody in.",
        "Signing out leaves it. It stays for {browser} after the last sign-in, and it is not there where everybody who "
        "signed in said that the computer is shared.",
        {"browser": LONGEST_DURATION},
    )


def _mails(mail_url: str) -> Kept:
    in_files = mail_url.startswith("file:")
    return Kept(
        "mail",
        "mail",
        "Mails that were sent to you",
        {
            "to": "your email",
            "name": "your name",
            "letter": "what it is about, such as a changed password, with when and on which device that was",
            "link": "a link that works once, where it has one",
        },
        "To tell you what matters for your account, and to make sure that your email is yours.",
        "They stay as files in a folder of this site until those who run it remove them."
        if in_files
        else "Once a mail is sent, no copy of it stays here. What is on its way or in your inbox is kept by others.",
    )
