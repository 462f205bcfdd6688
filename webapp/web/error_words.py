"""What error answers say: what happened, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A title, what happened, and what to do about it."""

    title: str
    message: str
    hint: str = ""


UNCHANGED = "Nothing was changed."

WORDS = {
    "400": Words("Not understood", "The server could not make sense of this request.", UNCHANGED),
    "401": Words("Not signed in", "Sign in first.", ""),
    "403": Words("Not allowed", "You may not do this.", UNCHANGED),
    "404": Words("Page not found", "There is nothing at this address.", "It may be mistyped, or the page was moved."),
    "405": Words("Not possible here", "This page does not answer that kind of request.", UNCHANGED),
    "408": Words("Too slow", "The request did not arrive in time.", "Check your connection and try again."),
    "413": Words("Too much at once", "What was sent is larger than any form here.", UNCHANGED),
    "415": Words("Not understood", "The form was sent in an encoding that is not used here.", UNCHANGED),
    "500": Words(
        "Something went wrong",
        "This is our fault. It was recorded.",
        "Try again; if it stays, tell us the number below.",
    ),
    "stale": Words(
        "This page was open too long",
        "You signed in or out since it was opened, so nothing was done.",
        "Reload the page, then press the button again.",
    ),
    "busy": Words(
        "Many people are signing in",
        "We could not get to you just now.",
        "Try again in a few seconds; nothing is lost.",
    ),
    "store": Words(
        "We will be right back",
        "A part of this site does not answer at the moment.",
        "Nobody is signed out by this. Please try again in a few seconds.",
    ),
    "unsure": Words(
        "We cannot tell at the moment",
        "Whether you are still signed in here is not known: a part of this site does not answer.",
        "Nothing is lost. Please try again in a few seconds.",
    ),
    "other": Words("That did not work", "The server refused this request.", UNCHANGED),
}
