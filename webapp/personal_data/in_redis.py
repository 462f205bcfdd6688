"""What the keys of Redis hold about people."""

from webapp.settings import Settings
from webapp.throttle.mails import DAY

from .model import Kept

# LATEST of sessions/scripts/record.lua; a test compares it with what Redis says.
MARKS = 20 * 60


def in_redis(settings: Settings) -> tuple[Kept, ...]:
    """Describe every kind of key."""
    return (_sessions(settings), _index(settings), _snapshot(settings), _marks(), *_tries(settings), _mails())


def _sessions(settings: Settings) -> Kept:
    return Kept(
        "redis",
        "session:{account}:<session>",
        "Your sessions: where you are signed in",
        {
            "<session>": "a random text by which the session is known",
            "hash": "a fingerprint of what your browser shows to be let in; nobody can sign in with it",
            "created": "when you signed in",
            "seen": "when it was last used",
            "confirmed": "when you last gave your password in it",
            "idle": "how long a pause it lives through",
            "expires": "when it ends at the latest",
            "remembered": "whether you chose to be kept signed in",
            "method": "how you signed in",
            "device": "the browser and the system, as they call themselves",
            "address": "the network address (IP) from which it was last used",
            "name": "the name that you gave it, if you did",
        },
        "To keep you signed in, and to let you see each device and sign it out.",
        "Until you sign out. Else it ends {idle} after you last used it, and {lifetime} after you signed in at the "
        "latest; where you chose to be kept signed in, these are {remember_idle} and {remember_lifetime}.",
        {
            "idle": settings.session_idle,
            "lifetime": settings.session_lifetime,
            "remember_idle": settings.remember_idle,
            "remember_lifetime": settings.remember_lifetime,
        },
    )


def _index(settings: Settings) -> Kept:
    return Kept(
        "redis",
        "sessions:{account}",
        "The list of your sessions",
        {"<session>": "each session, and when it ends unless it is used"},
        "To find all of your sessions without looking through those of others.",
        "As long as the longest of them: {longest} after it was last used at most.",
        {"longest": max(settings.session_idle, settings.remember_idle)},
    )


def _snapshot(settings: Settings) -> Kept:
    return Kept(
        "redis",
        "account:{account}",
        "What pages show of your account",
        {
            "name": "your name",
            "email": "your email",
            "role": "your role",
            "confirmed": "whether your email is confirmed",
        },
        "So that a page need not ask the database each time.",
        "As long as your longest session: {longest} after it was last used at most.",
        {"longest": max(settings.session_idle, settings.remember_idle)},
    )


def _marks() -> Kept:
    return Kept(
        "redis",
        "done:{account}:<call>",
        "Marks of what was done",
        {"<call>": "a random text for one thing that was done to your sessions, and nothing of what it was"},
        "So that nothing is done twice when the network repeats it.",
        "For {marks}.",
        {"marks": MARKS},
    )


def _tries(settings: Settings) -> tuple[Kept, ...]:
    why = "To stop people who guess passwords."
    until = "For {window} after the last of them. The right password clears them at once."
    periods = {"window": settings.login_limit.seconds}
    network = {"<network>": "the network that they came from", "<times>": "when each of them was"}
    return (
        Kept(
            "redis",
            "throttle:{<network>}:<email>",
            "Tries to sign in to your account",
            {**network, "<email>": "a fingerprint (SHA-256) of the email that was tried"},
            why,
            until,
            periods,
        ),
        Kept(
            "redis",
            "throttle:{<network>}",
            "Tries to sign in from one network, to any account",
            network,
            why,
            "For {window} after the last of them.",
            periods,
        ),
    )


def _mails() -> Kept:
    return Kept(
        "redis",
        "throttle:mails:{<whom>}:<purpose>",
        "How many mails were asked for",
        {
            "<whom>": "a fingerprint (SHA-256) of the email that they go to, or of the account or network that asks",
            "<purpose>": "what they were for",
            "<times>": "when each of them was asked for",
        },
        "So that nobody can flood your inbox through us, or that of others.",
        "For {day} after the last of them, at most.",
        {"day": DAY},
    )
