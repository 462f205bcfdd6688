"""Looking at somebody's sessions from outside, and ending them."""

import re
from datetime import timedelta

import pytest
from console import run
from operators import EMAIL, Operator, People
from ports import free_port

from webapp.deeds import snapshot_of
from webapp.sessions.device import Device
from webapp.watch.arrivals import Visit
from webapp.wiring import Services

MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


def test_list_shows_every_session_with_its_times_in_utc_in_columns(operator: Operator, people: People) -> None:
    ada = people.register()
    kept = people.sign_in(ada, Device("Safari on iPhone", "phone"), remember=True)
    plain = people.sign_in(ada)
    people.do(lambda services: services.sessions.rename(ada.id, plain.session.id, "Küche"))
    ended = operator("sessions", "list", EMAIL.upper())
    assert (ended.status, ended.err) == (0, "")
    head, *rows = ended.out.splitlines()
    places = [head.index(name) for name in ("id", "signed in (UTC)", "last seen", "ends", "kept", "address", "device")]
    cells = {
        tuple(row[begin:end].strip() for begin, end in zip(places, [*places[1:], None], strict=True)) for row in rows
    }
    assert {(cell[0], *cell[4:]) for cell in cells} == {
        (kept.session.id, "yes", "203.0.113.7", "Safari on iPhone"),
        (plain.session.id, "no", "203.0.113.7", "Küche (Firefox on Windows)"),
    }
    assert all(re.fullmatch(MOMENT, moment) for cell in cells for moment in cell[1:4])
    assert all(cell[1] < cell[3] for cell in cells)


def test_list_tells_no_secret(operator: Operator, people: People) -> None:
    token = people.sign_in(people.register()).token
    assert token.rpartition(".")[2] not in operator("sessions", "list", EMAIL).out


def test_list_of_somebody_signed_in_nowhere_says_so(operator: Operator, people: People) -> None:
    people.register()
    ended = operator("sessions", "list", EMAIL)
    assert (ended.status, ended.out) == (0, "This account is signed in nowhere.\n")


def test_words_of_strangers_do_not_reach_the_terminal_as_orders(operator: Operator, people: People) -> None:
    ada = people.register()
    session = people.sign_in(ada).session
    people.do(lambda services: services.sessions.rename(ada.id, session.id, "\x1b[2JKit\n\u202echen"))
    shown = operator("sessions", "list", EMAIL).out
    assert "?[2JKit??chen (Firefox on Windows)" in shown
    assert len(shown.splitlines()) == 2


def test_end_ends_that_one_and_no_other(operator: Operator, people: People) -> None:
    ada = people.register()
    one, other = people.sign_in(ada), people.sign_in(ada)
    ended = operator("sessions", "end", EMAIL, one.session.id)
    assert (ended.status, ended.out, ended.err) == (0, "1 session was ended.\n", "")
    assert people.role_seen(one.token) is None
    assert people.role_seen(other.token) == "member"


@pytest.mark.parametrize("session_id", ["", "x", "A" * 22, "-" * 22, "--help"])
def test_end_of_what_is_no_session_is_told_and_fails(operator: Operator, people: People, session_id: str) -> None:
    token = people.sign_in(people.register()).token
    ended = operator("sessions", "end", EMAIL, session_id)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("No session was ended")
    assert people.role_seen(token) == "member"


def test_end_of_somebody_elses_session_is_as_of_none(operator: Operator, people: People) -> None:
    people.register()
    eve = people.sign_in(people.register("eve@example.com"))
    assert operator("sessions", "end", EMAIL, eve.session.id).status == 1
    assert people.role_seen(eve.token) == "member"


def test_ending_twice_is_told_the_second_time(operator: Operator, people: People) -> None:
    session = people.sign_in(people.register()).session
    assert [operator("sessions", "end", EMAIL, session.id).status for _ in range(2)] == [0, 1]


def test_end_all_tells_how_many_ended(operator: Operator, people: People) -> None:
    ada = people.register()
    tokens = [people.sign_in(ada).token for _ in range(3)]
    eve = people.sign_in(people.register("eve@example.com"))
    said = [operator("sessions", "end-all", EMAIL).out for _ in range(2)]
    assert said == ["3 sessions were ended.\n", "0 sessions were ended.\n"]
    assert [people.role_seen(token) for token in tokens] == [None] * 3
    assert people.role_seen(eve.token) == "member"


@pytest.mark.parametrize("action", [("list",), ("end-all",), ("end", "A" * 22)])
@pytest.mark.parametrize("email", ["nobody@example.com", "nobody", ""])
def test_unknown_email_is_told_and_fails(operator: Operator, action: tuple[str, ...], email: str) -> None:
    ended = operator("sessions", action[0], email, *action[1:])
    assert (ended.status, ended.out, ended.err) == (1, "", "There is no account with this email.\n")


def test_redis_away_is_a_sentence(operator: Operator, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.register()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    for words in (("list", EMAIL), ("end-all", EMAIL), ("end", EMAIL, "A" * 22)):
        ended = operator("sessions", *words)
        assert (ended.status, ended.out) == (1, "")
        assert ended.err.startswith("Redis did not answer")
        assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("database", "told"),
    [
        ("postgresql://ada:s3cret-word@127.0.0.1:1/site", "The database did not answer"),
        ("sqlite:////no/such/folder/x", "There is no database at /no/such/folder/x."),
    ],
)
def test_database_away_is_a_sentence(
    operator: Operator, database: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    ended = operator("sessions", "list", EMAIL)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(told)
    assert len(ended.err.splitlines()) == 1


def test_database_without_tables_is_a_sentence(
    operator: Operator, bare_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", bare_postgresql_url)
    ended = operator("sessions", "list", EMAIL)
    assert (ended.status, ended.err) == (1, "The database is not migrated: run python -m webapp migrate.\n")


def test_console_writes_the_result_and_nothing_else_to_stdout(environ: dict[str, str], people: People) -> None:
    people.register()
    ended = run("sessions", "list", EMAIL, environ=environ)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "This account is signed in nowhere.\n", "")


def test_history_tells_that_an_operator_has_ended_a_session(operator: Operator, people: People) -> None:
    ada = people.register()

    async def sign_in(services: Services) -> str:
        visit = Visit("password", Device("Firefox on Linux", "computer"), "203.0.113.7", "")
        return (await services.arrivals.sign_in(snapshot_of(ada), visit)).session.id

    async def reasons(services: Services) -> list[str]:
        # The command has no runner; it leaves the entry due for the servers.
        for entry in await services.outbox.claim(["watch"], 10, timedelta(minutes=1)):
            await services.watch.look(entry)
        return [event.details["reason"] for event in await services.history.of(ada.id) if event.kind == "ended"]

    session_id = people.do(sign_in)
    assert operator("sessions", "end", EMAIL, session_id).status == 0
    assert people.do(reasons) == ["operator"]
