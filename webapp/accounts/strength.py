"""Which new passwords are refused, and the one sentence that says why (promise 12).

No rule asks for digits or symbols: those make passwords that people cannot remember and programs can guess. Refused is
what somebody who wants in would try first: common passwords, and those made of the person's own name and email.
"""

import re
from collections.abc import Iterable
from operator import itemgetter
from unicodedata import normalize as unicode_form

from zxcvbn import zxcvbn

from .passwords import LONGEST_PASSWORD, normalise
from .workers import Workers

# zxcvbn's own words: 3 is "safely unguessable", 10^8 guesses or more.
LEAST_SCORE = 3
# zxcvbn refuses longer ones, because its time grows faster than their length.
SCORED_CHARACTERS = 72
# zxcvbn tries every reading of digits and symbols as letters ("4" as "a"), and with many different ones there are
# hundreds: 3 s for 72 characters, a cheap way to keep us busy. So a password with more than six of them is scored in
# pieces, of which the best counts, since the whole is no easier to guess than a piece of it: 0.1 s at the most.
LOOKALIKES = set("!$%(+0123456789<@[{|")
MANY_LOOKALIKES = 6
PIECE = 12

# Checks that may wait for the one thread. Most take 5 ms; of 32 of the worst the last waits for 3 s.
QUEUE = 32
BUSY_WAIT = 3

APPLICATION_NAME = "gatehouse"
# Shorter parts of a name or an email ("al", "de") are in half of all passwords.
SHORTEST_OWN_WORD = 3

OWN_WORDS = "This is made of your own name or email, or of this site's name; others would try it first."
GUESSABLE = "A program could guess this; make it a few characters or an uncommon word longer."


class PasswordRules:
    """Judges new passwords; ``min_length`` in characters is the operator's (``PASSWORD_MIN_LENGTH``)."""

    def __init__(self, min_length: int) -> None:
        self._min_length = min_length
        # Exactly one thread: zxcvbn keeps the words of the person it works for in a variable of its module, so two
        # at once would judge one person's password by another's name.
        self._workers = Workers("zxcvbn", threads=1, queue=QUEUE, wait=BUSY_WAIT)

    async def weakness(self, password: str, *, email: str, name: str) -> str | None:
        """Give the sentence that says why ``password`` is refused for this person, or None; it never repeats it.

        ``email`` and ``name`` may be whatever stands in the form so far. Raises Busy when too many passwords wait.
        """
        try:
            text = normalise(password)
        except ValueError as error:
            return str(error)
        words = _own_words(email, name)
        return self._length_fault(text) or _own_fault(text, words) or await self._workers.run(_guessable, text, words)

    def close(self) -> None:
        """Judge no more passwords."""
        self._workers.close()

    def _length_fault(self, password: str) -> str | None:
        if len(password) < self._min_length:
            return f"Use at least {self._min_length} characters."
        if len(password) > LONGEST_PASSWORD:
            return f"Use at most {LONGEST_PASSWORD} characters."
        return None


def _own_words(email: str, name: str) -> list[str]:
    # A form can hold anything; 300 characters are more than any email or name that is accepted.
    whole = [_folded(text[:300]) for text in (email, name)]
    parts = [part for text in whole for part in re.split(r"[\W_]+", text)]
    words = {word for word in (*whole, *parts, APPLICATION_NAME) if len(word) >= SHORTEST_OWN_WORD}
    return sorted(words, key=len, reverse=True)


def _own_fault(password: str, words: Iterable[str]) -> str | None:
    rest = _folded(password)
    half = len(rest) / 2
    for word in words:
        rest = rest.replace(word, "")
    return OWN_WORDS if len(rest) < half else None


def _folded(text: str) -> str:
    return unicode_form("NFKC", text).casefold().strip()


def _guessable(password: str, words: list[str]) -> str | None:
    best = max((zxcvbn(piece, user_inputs=words) for piece in _pieces(password)), key=itemgetter("score"))
    if best["score"] >= LEAST_SCORE:
        return None
    if any(match.get("dictionary_name") == "user_inputs" for match in best["sequence"]):
        return OWN_WORDS
    # zxcvbn's warnings are plain sentences that name a kind of password and never the password.
    return best["feedback"]["warning"] or GUESSABLE


def _pieces(password: str) -> list[str]:
    scored = password[:SCORED_CHARACTERS]
    if len(LOOKALIKES.intersection(scored)) <= MANY_LOOKALIKES:
        return [scored]
    return [scored[start : start + PIECE] for start in range(0, len(scored), PIECE)]
