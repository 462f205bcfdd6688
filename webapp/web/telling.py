"""Telling a browser why its session ended, when and from which device: once, and only that browser.

The page that its open tabs turn to tells each of them, as often as it is opened. The tombstone in Redis tells it to
whoever holds one of the session's last secrets. What ended by itself leaves none there: that stands in the history.
Nobody is told of what was done in this very browser. Where Redis or SQL does not answer soon, nothing is told, nothing
fails and nobody waits; the next page tries again.
"""

from webapp.deadline import briefly
from webapp.errors import StoreUnavailable
from webapp.history.model import ended_id
from webapp.sessions.model import Ending, Look
from webapp.sessions.token import Token

from . import endings, visitor
from .context import services
from .identity import claimed_token, viewer
from .told import note_told_of, was_told_of

# The person who uses this browser did these in it, and was answered then.
DONE_HERE = frozenset({"signed-out", "replaced"})
# What no act has ended. Of anything else only the tombstone tells, since the history asks for no secret.
BY_ITSELF = frozenset({"idle", "age"})
# What somebody should look into, so that screen readers say it at once.
ALARMING = frozenset({"two-places", "not-me"})
SILENCE = visitor.Notice("info", "")


async def tell_why_ended() -> str:
    """Have the next page of a browser whose session is over say why; returns the sentence, empty where there is none.

    For a request that is refused because of it: who is asked to sign in again hears something, even where nobody knows.
    """
    return await _tell(guess=True)


async def tell_on_this_page() -> None:
    """Do the same on a page for everybody, where nothing has to be explained that nobody knows."""
    await _tell(guess=False)


async def say_why_over(token: Token, look: Look) -> visitor.Notice:
    """Return what a page of its own says of the end of this token's session, each time that it is opened.

    ``look`` is what Redis has just told its holder. Without words where nobody has to be told, or history is silent.
    """
    try:
        async with briefly():
            told = _of_act(look.ending) if look.ending is not None else await _of_history(token)
    except (StoreUnavailable, TimeoutError):
        return SILENCE
    notice = told or visitor.Notice("info", endings.NOBODY_KNOWS)
    if notice.text:
        note_told_of(token.session_id)
    return notice


async def _tell(*, guess: bool) -> str:
    token = claimed_token()
    if token is None or viewer().unsure or was_told_of(token.session_id):
        return ""
    try:
        async with briefly():
            told = await _known(token) or (await _guessed(token) if guess else None)
    except (StoreUnavailable, TimeoutError):
        return ""
    if told is None or not told.text:
        return ""
    visitor.notify(told.kind, told.text)
    note_told_of(token.session_id)
    return told.text


async def _known(token: Token) -> visitor.Notice | None:
    """Return what is written down of the end of this token's session; without words where there is nothing to tell."""
    ending = (await services().sessions.peek(token)).ending
    return _of_act(ending) if ending is not None else await _of_history(token)


def _of_act(ending: Ending) -> visitor.Notice:
    if ending.reason in DONE_HERE:
        return SILENCE
    text = endings.sentence({"reason": ending.reason, "by": ending.by}, ending.at)
    return visitor.Notice("error" if ending.reason in ALARMING else "info", text)


async def _of_history(token: Token) -> visitor.Notice | None:
    event = await services().history.find(ended_id(token.session_id))
    if event is None or event.account_id != token.account_id:
        return None
    if event.details.get("reason") not in BY_ITSELF:
        return SILENCE
    return visitor.Notice("info", endings.sentence(event.details, int(event.at.timestamp())))


async def _guessed(token: Token) -> visitor.Notice | None:
    """Return words for a session that is gone without a trace; none where it is there, and only the secret is wrong."""
    look = await services().sessions.look(token.account_id, token.session_id)
    if look.session is not None or look.ending is not None:
        return None
    return visitor.Notice("info", endings.NOBODY_KNOWS)
