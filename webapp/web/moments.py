"""Moments on pages: words for the eye, the instant for machines, the exact time in the title."""

from markupsafe import Markup, escape

from webapp import words

# How a session began, to follow the time at which it did.
MANNERS = {"password": "with the password", "registration": "by registering"}


def moment(at: int, told: str) -> Markup:
    """Write the moment ``at``, in Unix seconds, as an element that says ``told``."""
    # Of these three only the last may hold what HTML gives a meaning; Markup's own formatting takes 6 us more.
    return Markup(f'<time datetime="{words.iso(at)}" title="{words.exact(at)}">{escape(told)}</time>')  # noqa: S704


def manner(method: str) -> str:
    """Say how a session began; a way that this version does not know is told by its own name."""
    return MANNERS.get(method, method)
