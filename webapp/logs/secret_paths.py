"""Paths that are secrets themselves: whoever has read one of them can do what its link is for.

They stand in mails only (webapp/mail). What follows the first word is a token, or was one before it was cut, mistyped
or lengthened on its way; none of that is told to anybody.
"""

import re

MASK = "***"

# The first words of these paths; the routes are in webapp/web/pages.
WORDS = ("reset", "confirm-email", "restore-email", "not-me")

_BEGINNINGS = tuple(f"/{word}" for word in WORDS)
_WORD = rf"(?i:/(?:{'|'.join(WORDS)}))"
# A path ends with its text. Nothing else of ours begins with these words, so that even a lost slash hides nothing.
_PATH = re.compile(rf"(?P<kept>{_WORD}).+", re.DOTALL)
# In any other text nobody knows where it ends; a space, a quote or a bracket is in no address.
_LINK = re.compile(rf"(?P<kept>{_WORD}(?:/|%2[Ff]))[^\s\"'<>]+")


def is_secret(path: str) -> bool:
    """Tell whether a decoded path holds a token, or something like one."""
    return _PATH.search(path) is not None


def secret_of(path: str) -> str:
    """Return what stands where a path has its token; nothing for all other paths."""
    found = _PATH.search(path)
    return found[0].removeprefix(found["kept"]).strip("/") if found else ""


def without_secret(path: str) -> str:
    """Return a decoded path without its token."""
    # sub() reads its template before it looks for anything (4 us a page), and few paths have a token.
    found = _PATH.search(path)
    return f"{path[: found.end('kept')]}/{MASK}" if found else path


def without_links(text: str) -> str:
    """Return a text in which no address of such a path has its token any more."""
    lower = text.lower()
    # To look for the words is ten times as fast as to look for what they are in, and few lines have one.
    for beginning in _BEGINNINGS:
        if beginning in lower:
            return _LINK.sub(rf"\g<kept>{MASK}", text)
    return text
