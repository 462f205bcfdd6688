"""A verdict that cannot fail is worth nothing: each is shown what it must see, and what it must let pass."""

import httpx
import pytest
from pages import SESSION_COOKIE
from soak.claims import Account, Confirmation, Name
from soak.faults import Fault, nothing
from soak.judging import judge
from soak.ledger import SETTLED_AFTER, Ledger, Session
from soak.record import Promise, Record
from soak.trial import Outcome, Times, judge_outcome
from soak.wire import Answer


class Clock:
    """A clock that goes on by itself, a second each time it is read, and that a test may put forward."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(clock=Clock())


@pytest.fixture
def session(ledger: Ledger) -> Session:
    return Session(ledger, "ada@example.test", "public-id", "cookie")


def broken(ledger: Ledger) -> list[Promise]:
    return [offence.promise for offence in ledger.record.offences]


def answered(status: int, text: str = "", **headers: str) -> list[str]:
    """Tell what is wrong with one answer."""
    record = Record()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    judge(record, "GET /", Answer(0, 1, status, httpx.Headers(named), text), signs_out=False)
    return [offence.promise.value for offence in record.offences]


def test_living_session_that_answers_as_a_visitor_is_a_wrong_sign_out(ledger: Ledger, session: Session):
    session.seen_in(ledger.clock(), "a look")
    session.seen_out(ledger.clock(), "a look")
    assert broken(ledger) == [Promise.STAY_IN]
    assert "signed in" in str(ledger.record.offences[0])


def test_ended_session_that_answers_is_a_revival_once(ledger: Ledger, session: Session):
    session.at_stake()
    session.ended("the end")
    for _ in range(2):
        session.seen_in(ledger.clock(), "a look")
    assert broken(ledger) == [Promise.STAY_OUT]


def test_look_that_began_before_the_end_proves_nothing(ledger: Ledger, session: Session):
    began = ledger.clock()
    session.at_stake()
    session.ended("the end")
    session.seen_in(began, "a slow look")
    session.seen_listed(began, "a slow list")
    assert broken(ledger) == []


def test_ended_session_that_is_listed_is_a_false_success(ledger: Ledger, session: Session):
    session.at_stake()
    session.ended("the end")
    session.seen_listed(ledger.clock(), "the list")
    assert broken(ledger) == [Promise.TRUTH]


def test_session_may_be_over_while_and_after_nobody_knows_whether_it_was_ended(ledger: Ledger, session: Session):
    session.at_stake()
    session.doubted("a request that was cut")
    session.seen_out(ledger.clock(), "a look")
    assert broken(ledger) == []
    session.seen_in(ledger.clock(), "a look")
    assert broken(ledger) == [Promise.STAY_OUT]


def test_failover_may_undo_what_nobody_acknowledged(ledger: Ledger, session: Session):
    ledger.undoing = True
    session.at_stake()
    session.seen_out(ledger.clock(), "a look at the old primary")
    session.doubted("a 503")
    session.seen_in(ledger.clock(), "a look at the new one")
    assert broken(ledger) == []
    session.seen_out(ledger.clock() + SETTLED_AFTER, "a look in calm weather")
    session.seen_in(ledger.clock() + 2 * SETTLED_AFTER, "a look")
    assert broken(ledger) == [Promise.STAY_OUT]


def test_failover_may_not_undo_what_was_acknowledged(ledger: Ledger, session: Session):
    ledger.undoing = True
    session.at_stake()
    session.ended("the end")
    session.seen_in(ledger.clock(), "a look")
    assert broken(ledger) == [Promise.STAY_OUT]


def test_refused_end_leaves_no_doubt(ledger: Ledger, session: Session):
    session.at_stake()
    session.spared()
    session.seen_out(ledger.clock(), "a look")
    assert broken(ledger) == [Promise.STAY_IN]


def test_end_that_finds_nothing_to_end_is_a_wrong_sign_out_in_calm_weather(ledger: Ledger, session: Session):
    session.at_stake()
    session.not_there(ledger.clock(), "the end")
    assert broken(ledger) == [Promise.STAY_IN]


@pytest.mark.parametrize("back", [True, False], ids=["cleared meanwhile", "still broken"])
def test_end_that_finds_nothing_to_end_while_a_part_is_broken_may_have_ended_it_itself(
    ledger: Ledger, session: Session, *, back: bool
):
    ledger.weather.breaks()
    began = ledger.clock()
    session.at_stake()
    if back:
        ledger.weather.clears(ledger.clock())
    session.not_there(began, "the end")
    assert broken(ledger) == []
    session.seen_in(ledger.clock(), "a look")
    assert broken(ledger) == [Promise.STAY_OUT]


def test_doubt_lasts_until_a_look_in_calm_weather(ledger: Ledger, session: Session):
    ledger.weather.breaks()
    session.at_stake()
    session.doubted("a 503")
    session.seen_in(ledger.clock() + 10 * SETTLED_AFTER, "a look in the storm")
    assert not session.sure
    ledger.weather.clears(ledger.clock())
    session.seen_in(ledger.clock(), "a look too early")
    assert not session.sure
    session.seen_in(ledger.clock() + SETTLED_AFTER, "a look in calm weather")
    assert session.sure


def test_name_that_was_said_to_be_given_and_is_not_shown_is_a_false_success(ledger: Ledger, session: Session):
    name = Name(session)
    name.trying("Laptop")
    name.written("Laptop")
    name.seen(ledger.clock(), "Laptop", "a look")
    assert broken(ledger) == []
    name.seen(ledger.clock(), "", "a look")
    assert broken(ledger) == [Promise.TRUTH]


def test_name_in_doubt_may_be_shown_or_not_until_it_is_settled(ledger: Ledger, session: Session):
    name = Name(session)
    name.trying("Laptop")
    name.doubted("Laptop")
    for shown in ("", "Laptop", ""):
        name.seen(ledger.clock(), shown, "an early look")
    name.seen(ledger.clock() + SETTLED_AFTER, "", "a look in calm weather")
    assert broken(ledger) == []
    name.seen(ledger.clock(), "Laptop", "a look")
    assert broken(ledger) == [Promise.TRUTH]


def test_confirmation_that_was_acknowledged_and_is_not_shown_is_a_false_success(ledger: Ledger, session: Session):
    confirmation = Confirmation(session)
    early = ledger.clock()
    confirmation.done(1000)
    confirmation.seen(early, 900, "a slow look")
    confirmation.seen(ledger.clock(), 1000, "a look")
    assert broken(ledger) == []
    confirmation.seen(ledger.clock(), 999, "a look")
    assert broken(ledger) == [Promise.TRUTH]


def test_account_that_was_opened_and_cannot_sign_in_is_a_false_success(ledger: Ledger):
    account = Account(ledger, "ada@example.test")
    account.turned_away("a sign-in")
    assert broken(ledger) == []
    account.let_in()
    account.turned_away("a sign-in")
    assert broken(ledger) == [Promise.TRUTH]


@pytest.mark.parametrize("status", [200, 201, 303, 401, 403, 404, 422])
def test_usual_answer_is_no_offence(status: int):
    assert answered(status) == []


@pytest.mark.parametrize("status", [0, 400, 429, 500, 502, 504])
def test_other_answers_are_faults(status: int):
    assert answered(status) == ["other faults"]


def test_503_needs_a_retry_after():
    assert answered(503, Retry_After="5") == []
    assert answered(503) == ["other faults"]


@pytest.mark.parametrize("ending", ["=; Path=/", "=x; Max-Age=0", "=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_session_cookie_that_is_taken_away_is_noticed(ending: str):
    assert answered(503, Retry_After="5", Set_Cookie=SESSION_COOKIE + ending) == ["cookies deleted"]


def test_session_cookie_that_is_renewed_is_no_offence():
    renewed = f"{SESSION_COOKIE}=x; Max-Age=60; Expires=Thu, 01 Jan 2099 00:00:00 GMT"
    assert answered(200, Set_Cookie=renewed) == []


def at_the_end(record: Record, *, back_after: float = 0, quiet: bool = False) -> list[str]:
    outcome = Outcome(Fault("nothing", nothing, quiet=quiet), record, back_after, broken_for=1)
    judge_outcome(outcome, Times(longest_wait=5, back_within=2))
    return [offence.what for offence in record.offences]


def test_nobody_waits_too_long():
    record = Record()
    record.answered("GET /", 0, 4.9, well=True)
    assert at_the_end(record) == []
    record.answered("POST /login", 0, 5.1, well=True)
    assert at_the_end(record) == ["POST /login took 5.1 s"]


def test_service_is_back_soon_after_the_part():
    record = Record()
    record.answered("GET /", 12.5, 13, well=False)
    assert at_the_end(record, back_after=1.9) == []
    (what,) = at_the_end(record, back_after=2.1)
    assert what == "GET / failed, which began 2.1 s after the part was back"


def test_503_is_an_offence_where_nothing_was_broken():
    assert at_the_end(Record(unavailable=1)) == []
    assert len(at_the_end(Record(unavailable=1), quiet=True)) == 1
