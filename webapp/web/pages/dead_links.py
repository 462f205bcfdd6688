"""Links from mails that open nothing any more: one page, whatever the reason, that offers a new one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from quart import Response

from webapp import words
from webapp.accounts.links import LIFETIMES
from webapp.watch.letters import NOT_ME_FOR
from webapp.web import htmx, identity
from webapp.web.faces import Face, face, problem
from webapp.web.templating import fragment, page

Kind = Literal["reset", "confirm", "restore", "not-me"]

TITLE = "This link does not work any more"


@dataclass(frozen=True, slots=True)
class DeadLinkWords:
    """Why such a link may be dead, what to do now, and where that is done."""

    reason: str
    advice: str
    href: str
    action: str


WORDS: dict[Kind, DeadLinkWords] = {
    "reset": DeadLinkWords(
        reason=f"A link to a new password works once, for {words.lasting(LIFETIMES['reset'])}, and only the latest one "
        "does.",
        advice="Your password is what it was, unless you have changed it since. If you still need another one, ask "
        "for a new link.",
        href="/forgot",
        action="Ask for a new link",
    ),
    "confirm": DeadLinkWords(
        reason="It was used already, it is too old, or a newer one took its place.",
        advice="If you have used it, there is nothing left to do. If not, sign in: your profile shows which email "
        "counts, and sends a new link.",
        href="/settings/profile",
        action="Go to your profile",
    ),
    "restore": DeadLinkWords(
        reason=f"It was used already, or it is older than {words.lasting(LIFETIMES['restore'])}.",
        advice="If you cannot sign in, ask for a new password. If no mail reaches you either, write to whoever runs "
        "this site.",
        href="/forgot",
        action="Ask for a new password",
    ),
    "not-me": DeadLinkWords(
        reason=f"It was used already, or it is older than {words.lasting(NOT_ME_FOR)}.",
        advice="If somebody else may still be in your account, choose a new password: that signs out every device.",
        href="/forgot",
        action="Ask for a new password",
    ),
}


async def dead_link(kind: Kind) -> Response:
    """Answer alike for a token that is wrong, used, stale, cut short or another's: 410, and the way to a new one.

    A form whose answer this may be targets the whole card that it stands in, heading included.
    """
    said = WORDS[kind]
    if face() is Face.JSON:
        return problem(HTTPStatus.GONE, TITLE, f"{said.reason} {said.advice}")
    if htmx.wants_fragment():
        return fragment("account/_dead_link.html", HTTPStatus.GONE, title=TITLE, words=said)
    await identity.look_who_is_here()
    return page("account/dead_link.html", HTTPStatus.GONE, title=TITLE, words=said)
