"""What the keys of Redis hold about people."""

from webapp.sessions.model import SHARED_AT_MOST
from webapp.settings import Settings
from webapp.throttle.attempts import RIGHT_SECONDS, STEP
from webapp.throttle.limits import LIMITS
from webapp.throttle.mails import DAY

from .model import Kept

# LATEST of sessions/scripts/record.lua; a test compares it with what Redis says.
MARKS = 20 * 60
# TOLD and LONGEST_TOLD of account.lua beside it.
TOLD, LONGEST_TOLD = 2 * 86400, 90 * 86400

# Each of these once for each session; the first characters of the random text stand before the letter.
SESSION_FIELDS = {
    "<session>i": "a random text by which the session is known",
    "<session>h": "a fingerprint of what your browser shows to be let in; nobody can sign in with it",
    "<session>t": "when you signed in, when it was last used, when you last gave your password in it, how long a pause "
    "it lives through, when it ends at the latest, and when your browser was last given something else to show",
    "<session>f": "whether you chose to be kept signed in, and whether you said that others use that computer too",
    "<session>m": "how you signed in, where that was not with a password",
    "<session>d": "the browser and the system, as they call themselves",
    "<session>a": "the network address (IP) from which it was last used",
    "<session>b": "a part of the random name of your browser, out of the cookie by which it is known",
    "<session>n": "the name that you gave it, if you did",
    "<session>N": "a fingerprint of what your browser was last given to show, until it was shown",
    "<session>P": "one of what it was given before that and has not shown",
    "<session>o": "a fingerprint of what it showed until then",
    "<session>O": "one of what it showed before that",
    "<session>u": "until when these still count",
    "<session>s": "the first letters of older fingerprints, by which a stolen cookie is noticed",
    "<session>k": "a part of the fingerprint of each network that something to show was sent to, until it was shown",
    "<session>w": "instead of the fingerprint that let you in, once the session was ended: the same, and it lets "
    "nobody in",
    "<session>R": "why it was ended",
    "<session>y": "the device from which that was done",
    "<session>x": "when that was",
}
ACCOUNT_FIELDS = {
    "n": "your name",
    "e": "your email",
    "r": "your role",
    "c": "whether your email is confirmed",
    "d": "a moment until which nothing of all this is over",
}


def in_redis(settings: Settings) -> tuple[Kept, ...]:
    """Describe every kind of key."""
    return (
        _sessions(settings),
        _marks(),
        *_tries(settings),
        _mails(),
        _requests(),
    )


def _sessions(settings: Settings) -> Kept:
    # For a while after an update the same stands under the names of the version before, and for as long (first/).
    return Kept(
        "redis",
        "in:{account}",
        "Your sessions: where you are signed in, how others were ended, and what pages show of your account",
        SESSION_FIELDS | ACCOUNT_FIELDS,
        "To keep you signed in, and to let you see each device and sign it out; and so that a page need not ask the "
        "database each time who you are. Once a session was ended: to write that into your history, and to tell its "
        "browser why.",
        "Until you sign out. Else a session ends {idle} after you last used it, and {lifetime} after you signed in at "
        "the latest; where you chose to be kept signed in, these are {remember_idle} and {remember_lifetime}. "
        "On a computer that others use too, none lasts longer than {shared}. What has ended by itself goes when you "
        "next use another session, or else with the last of what is kept here. How a session was ended is kept for up "
        "to {told} after it was last used: a while longer than the session would have lasted, and nothing is kept here "
        "for longer. As soon as your history has its end, nothing of it stays but what its browser is told, the "
        "fingerprints by which that one is known, and times: no address, no name, and nothing of the browser itself.",
        {
            "idle": settings.session_idle,
            "lifetime": settings.session_lifetime,
            "remember_idle": settings.remember_idle,
            "remember_lifetime": settings.remember_lifetime,
            "shared": SHARED_AT_MOST,
            "told": min(max(settings.session_idle, settings.remember_idle) + TOLD, LONGEST_TOLD),
        },
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
    email = {"<email>": "a fingerprint (SHA-256, cut short) of the email that was tried"}
    network = {"<network>": "the network that they came from"}
    browser = {"<browser>": "a fingerprint of your browser, or of your session there"}
    times = {"<times>": "when each of them was"}
    cleared, window = "The right password clears them at once.", {"window": settings.login_limit.seconds}
    return (
        _counted(
            "pair:<email>:<network>", "Tries to sign in to your account", email | network | times, window, cleared
        ),
        _counted("browser:<email>:<browser>", "Tries on a browser of yours", email | browser | times, window, cleared),
        _counted("network:<network>", "Tries to sign in from one network, to any account", network | times, window),
        _counted("site", "Tries to sign in to any account", times, window),
        Kept(
            "redis",
            "throttle:{tries}:right:<email>:<browser>",
            "Right passwords for your account",
            {**email, "<browser>": f"{browser['<browser>']}; all new browsers together are called new", **times},
            "To stop people who sign in without end, which would fill our stores.",
            "For {window} after the last of them.",
            {"window": RIGHT_SECONDS},
        ),
        Kept(
            "redis",
            "throttle:{tries}:failures:<email>",
            "Wrong passwords in a row for your account",
            {**email, "<number>": "how many they were"},
            "To stop people who guess from many places at once.",
            "For {day} for each of them after the last, and 30 times that at most. The right password clears them at "
            "once.",
            {"day": STEP},
        ),
    )


def _counted(key: str, title: str, parts: dict[str, str], window: dict[str, int], cleared: str = "") -> Kept:
    until = f"For {{window}} after the last of them. {cleared}".strip()
    return Kept(
        "redis", f"throttle:{{tries}}:{key}", title, parts, "To stop people who guess passwords.", until, window
    )


def _requests() -> Kept:
    return Kept(
        "redis",
        "throttle:requests:{<whom>}:<kind>",
        "How many requests of a kind came from one network, or from one session",
        {
            "<whom>": "a fingerprint (SHA-256, cut short) of the network or the session",
            "<kind>": "what they were for, such as registering or renaming",
            "<times>": "when each of them was",
        },
        "So that nobody can keep this site busy with himself alone.",
        "For {longest} after the last of them, at most.",
        {"longest": max(rate.seconds for rate in LIMITS.values())},
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
