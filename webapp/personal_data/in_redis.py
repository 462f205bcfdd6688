"""What the keys of Redis hold about people."""

from webapp.sessions.model import SHARED_AT_MOST
from webapp.settings import Settings
from webapp.throttle.attempts import RIGHT_SECONDS, STEP
from webapp.throttle.limits import LIMITS
from webapp.throttle.mails import DAY

from .model import Kept

# LATEST of sessions/scripts/record.lua; a test compares it with what Redis says.
MARKS = 20 * 60
# TOLD and LONGEST_TOLD of the same file.
TOLD, LONGEST_TOLD = 2 * 86400, 90 * 86400

SESSION_FIELDS = {
    "<session>": "a random text by which the session is known",
    "hash": "a fingerprint of what your browser shows to be let in; nobody can sign in with it",
    "created": "when you signed in",
    "seen": "when it was last used",
    "confirmed": "when you last gave your password in it",
    "idle": "how long a pause it lives through",
    "expires": "when it ends at the latest",
    "remembered": "whether you chose to be kept signed in",
    "shared": "whether you said that others use that computer too",
    "method": "how you signed in",
    "device": "the browser and the system, as they call themselves",
    "address": "the network address (IP) from which it was last used",
    "browser": "a part of the random name of your browser, out of the cookie by which it is known",
    "name": "the name that you gave it, if you did",
    "renewed": "when your browser was last given something else to show",
    "next": "a fingerprint of that, until it was shown",
    "next_before": "one of what it was given before that and has not shown",
    "old": "a fingerprint of what it showed until then",
    "older": "one of what it showed before that",
    "until": "until when these still count",
    "spent": "the first letters of older fingerprints, by which a stolen cookie is noticed",
    "asked": "a part of the fingerprint of each network that something to show was sent to, until it was shown",
    "was": "instead of the fingerprint that let you in, once the session was ended: the same, and it lets nobody in",
    "reason": "why it was ended",
    "by": "the device from which that was done",
    "at": "when that was",
}


def in_redis(settings: Settings) -> tuple[Kept, ...]:
    """Describe every kind of key."""
    return (
        _sessions(settings),
        _index(settings),
        _snapshot(settings),
        _marks(),
        *_tries(settings),
        _mails(),
        _requests(),
    )


def _sessions(settings: Settings) -> Kept:
    return Kept(
        "redis",
        "session:{account}:<session>",
        "Your sessions: where you are signed in, and how others were ended",
        SESSION_FIELDS,
        "To keep you signed in, and to let you see each device and sign it out. Once it was ended: to write that into "
        "your history, and to tell its browser why.",
        "Until you sign out. Else it ends {idle} after you last used it, and {lifetime} after you signed in at the "
        "latest; where you chose to be kept signed in, these are {remember_idle} and {remember_lifetime}. "
        "On a computer that others use too, none lasts longer than {shared}. How a session was ended is kept for up to "
        "{told} after it was last used: a while longer than the session would have lasted. As soon as your history has "
        "its end, nothing stays but what its browser is told, the fingerprints by which that one is known, and times: "
        "no address, no name, and nothing of the browser itself.",
        {
            "idle": settings.session_idle,
            "lifetime": settings.session_lifetime,
            "remember_idle": settings.remember_idle,
            "remember_lifetime": settings.remember_lifetime,
            "shared": SHARED_AT_MOST,
            "told": min(max(settings.session_idle, settings.remember_idle) + TOLD, LONGEST_TOLD),
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
