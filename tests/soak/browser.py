"""A browser of one person, or their program that speaks JSON: it keeps cookies, and says what an answer means."""

from dataclasses import dataclass, field
from enum import Enum, auto
from http.cookies import SimpleCookie
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
from pages import FIREFOX, ORIGIN, SESSION_COOKIE, token_in
from soak.judging import judge
from soak.ledger import Ledger, Session
from soak.wire import Answer, Wire

Face = Literal["page", "json"]
FACES: tuple[Face, Face] = ("page", "json")
HOST = ORIGIN.partition("://")[2]
LIST = "/settings/sessions"
# Where a visitor finds a form, and with it a token, and where somebody signed in does.
GUESTS = {"/login", "/register"}
# What these answer does not depend on whether the session lives, or is judged by who asked.
SAYS_NOTHING = GUESTS | {"/logout"}


class Meaning(Enum):
    """What an answer says, in all faces."""

    DONE = auto()
    VISITOR = auto()
    CONFIRM_FIRST = auto()
    NOT_THERE = auto()
    REFUSED = auto()
    UNKNOWN = auto()
    UNSENT = auto()
    ODD = auto()


LEADS_TO = {"/login": Meaning.VISITOR, "/confirm": Meaning.CONFIRM_FIRST}
PLAIN = {
    0: Meaning.UNKNOWN,
    200: Meaning.DONE,
    201: Meaning.DONE,
    401: Meaning.REFUSED,
    404: Meaning.NOT_THERE,
    422: Meaning.REFUSED,
    503: Meaning.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, what it means, and ``what`` was asked, in words."""

    meaning: Meaning
    answer: Answer
    what: str

    def json(self) -> Any:  # noqa: ANN401 -- each path answers in its own form.
        """Read the body of an answer to a program."""
        return httpx.Response(self.answer.status, content=self.answer.text).json()


@dataclass
class Browser:
    """Asks over ``wire``; ``session`` is the one that its cookie stands for."""

    ledger: Ledger
    wire: Wire
    session: Session | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    @classmethod
    def holding(cls, session: Session, wire: Wire) -> "Browser":
        """Open a browser that has the cookie of ``session``, whether that lives or not."""
        return cls(session.ledger, wire, session, {SESSION_COOKIE: session.cookie})

    async def look(self, path: str, face: Face) -> Reply:
        """Open a page."""
        return await self._ask("GET", path, face, b"", {})

    async def leave(self, path: str, face: Face) -> Reply:
        """Open a page, and go before it is there."""
        return await self._hang_up("GET", path, face, b"", {})

    async def press(self, path: str, fields: dict[str, str], *, rudeness: float) -> Reply:
        """Send a form in either face; ``rudeness`` is the probability of not waiting for the answer."""
        # Programs are told that they are signed in already, where browsers sign in over it.
        face = "page" if path in GUESTS and self.session is not None else self.wire.chance.choice(FACES)
        if face == "page" and not self.token:
            await self._find_token(path)
        if face == "page" and not self.token:
            now = self.ledger.clock()
            return Reply(Meaning.UNSENT, Answer(now, now, 0), path)
        kind, body = _encoded(face, {**fields, "csrf_token": self.token})
        headers = {"Content-Type": kind, "Origin": ORIGIN}
        if self.wire.chance.random() < rudeness:
            return await self._hang_up("POST", path, face, body, headers)
        return await self._ask("POST", path, face, body, headers)

    async def _find_token(self, path: str) -> None:
        # On a guests' page there is no form for somebody who is signed in.
        reply = await self.look(path if path in GUESTS and self.session is None else LIST, "page")
        self.token = token_in(reply.answer.text)

    async def _ask(self, method: str, path: str, face: Face, body: bytes, headers: dict[str, str]) -> Reply:
        asked_by = self.session
        answer = await self.wire.ask(method, path, {**self._headers(face), **headers}, body)
        what = f"{method} {path} as {face}"
        meaning = _meaning(answer)
        signs_out = path == "/logout" and meaning in {Meaning.DONE, Meaning.VISITOR}
        judge(self.ledger.record, what, answer, signs_out=signs_out)
        self._keep_cookies(answer)
        if asked_by is not None and path not in SAYS_NOTHING:
            _tell_session(asked_by, meaning, answer, f"{what} ({answer.status})", home=path == "/")
        return Reply(meaning, answer, what)

    async def _hang_up(self, method: str, path: str, face: Face, body: bytes, headers: dict[str, str]) -> Reply:
        answer = await self.wire.hang_up(method, path, {**self._headers(face), **headers}, body)
        self.ledger.record.hung_up[f"{method} {path.rpartition('/')[2]}"] += 1
        return Reply(Meaning.UNKNOWN, answer, f"{method} {path} as {face}, cut")

    def _headers(self, face: Face) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        accepted = "application/json" if face == "json" else "text/html"
        headers = {"Host": HOST, "Accept": accepted, "User-Agent": FIREFOX}
        return {**headers, "Cookie": cookies} if cookies else headers

    def _keep_cookies(self, answer: Answer) -> None:
        found: SimpleCookie = SimpleCookie()
        for line in answer.headers.get_list("Set-Cookie"):
            found.load(line)
        for name, cookie in found.items():
            if name == SESSION_COOKIE:
                # Forms are bound to the session that the cookie stands for.
                self.token = ""
            self.cookies[name] = cookie.value
        self.cookies = {name: value for name, value in self.cookies.items() if value}


def _encoded(face: Face, fields: dict[str, str]) -> tuple[str, bytes]:
    if face == "page":
        return "application/x-www-form-urlencoded", urlencode(fields).encode()
    return "application/json", httpx.Request("POST", ORIGIN, json=fields).content


def _meaning(answer: Answer) -> Meaning:
    """Read an answer. Whoever was signed out meant to be led to the sign-in page, so that is no visitor's answer."""
    location = answer.headers.get("Location", "").partition("?")[0]
    match answer.status:
        case 303:
            return LEADS_TO.get(location, Meaning.DONE)
        case 401 if '"Not signed in"' in answer.text:
            return Meaning.VISITOR
        case 403 if "/confirm" in answer.text:
            return Meaning.CONFIRM_FIRST
    return PLAIN.get(answer.status, Meaning.ODD)


def _tell_session(session: Session, meaning: Meaning, answer: Answer, what: str, *, home: bool) -> None:
    if home and answer.status != 303:
        # The start page needs no session, and is shown when Redis does not say whose it is.
        return
    if meaning is Meaning.VISITOR:
        session.seen_out(answer.began, what)
    elif meaning in {Meaning.DONE, Meaning.NOT_THERE, Meaning.CONFIRM_FIRST, Meaning.REFUSED}:
        session.seen_in(answer.began, what)
