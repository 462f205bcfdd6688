"""Opening an account for somebody, and giving it another role."""

import io
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from console import ENDS_WITHIN_SECONDS, ROOT, run
from operators import EMAIL, PASSWORD, Operator, People
from ports import free_port

from webapp.accounts.model import Account

Typed = Callable[[str], None]

CTRL_C = "\x03"
# Long after a program that has heard of it has ended: a second one would break into its leaving.
PRESSED_AGAIN_AFTER_SECONDS = 10


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Let a file be read where a terminal would be."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def found(people: People, email: str = EMAIL) -> Account | None:
    return people.do(lambda services: services.accounts.find_by_email(email))


def authenticates(people: People, password: str) -> Account:
    return people.do(lambda services: services.accounts.authenticate(EMAIL, password, network="192.0.2.0"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "", "\nmore\n"])
def test_created_account_signs_in_with_the_first_line_of_stdin(
    operator: Operator, people: People, stdin: Typed, end: str
) -> None:
    stdin(f" {PASSWORD} {end}")
    ended = operator("accounts", "create", EMAIL)
    assert (ended.status, ended.out, ended.err) == (0, f"The account of {EMAIL} is open, as a member.\n", "")
    account = authenticates(people, f" {PASSWORD} ")
    assert (account.email, account.name, account.role) == (EMAIL, "Ada", "member")


def test_name_and_role_are_those_of_the_call(operator: Operator, people: People, stdin: Typed) -> None:
    stdin(PASSWORD)
    assert operator("accounts", "create", EMAIL, "--name", "Ada Lovelace", "--role", "admin").status == 0
    account = found(people)
    assert account is not None
    assert (account.name, account.role) == ("Ada Lovelace", "admin")


@pytest.mark.parametrize(
    ("words", "password", "told"),
    [
        ((EMAIL,), "short", "at least"),
        ((EMAIL,), "", "at least"),
        ((EMAIL,), "password1234", "refused"),
        ((EMAIL, "--name", "Ada Lovelace"), "AdaLovelace1", "your own name"),
        ((EMAIL,), "\udcff" * 20, "not valid text"),
        (("no email",), PASSWORD, "@"),
        ((EMAIL, "--name", ""), PASSWORD, "Enter a name"),
        ((EMAIL, "--name", "a\nb"), PASSWORD, "one line"),
    ],
)
def test_rules_of_registering_hold_and_are_told(
    operator: Operator, stdin: Typed, words: tuple[str, ...], password: str, told: str
) -> None:
    stdin(password)
    ended = operator("accounts", "create", *words)
    assert (ended.status, ended.out) == (1, "")
    assert told in ended.err
    assert not password or password not in ended.err
    assert operator("sessions", "list", words[0]).err == "There is no account with this email.\n"


def test_taken_email_is_told_and_its_account_stays_as_it_is(operator: Operator, people: People, stdin: Typed) -> None:
    ada = people.register()
    stdin("another password of 2026")
    ended = operator("accounts", "create", EMAIL.lower(), "--role", "admin")
    assert (ended.status, ended.err) == (1, "There is an account with this email already. Nothing was done.\n")
    assert authenticates(people, PASSWORD) == ada


def test_password_is_no_word_of_the_call(operator: Operator) -> None:
    with pytest.raises(SystemExit, match="2"):
        operator("accounts", "create", EMAIL, "--password", PASSWORD)


@pytest.mark.parametrize(("second", "status"), [(PASSWORD, 0), ("something else", 1)])
def test_terminal_is_asked_twice_and_shows_nothing(
    environ: dict[str, str], people: People, second: str, status: int
) -> None:
    ended, shown = _at_a_terminal(environ, f"{PASSWORD}\n", f"{second}\n")
    assert ended == status, shown
    assert PASSWORD not in shown
    assert second not in shown
    assert (found(people) is not None) == (status == 0)
    assert ("two different passwords" in shown) == (status == 1)


def test_ctrl_c_at_the_question_ends_quietly(environ: dict[str, str], people: People) -> None:
    ended, shown = _at_a_terminal(environ, CTRL_C)
    assert ended == 130
    assert "Traceback" not in shown
    assert found(people) is None


def test_role_is_changed_in_sql_and_seen_at_once_by_open_sessions(operator: Operator, people: People) -> None:
    session = people.sign_in(people.register())
    for role, article in (("admin", "an"), ("admin", "an"), ("member", "a")):
        ended = operator("accounts", "role", EMAIL.lower(), role)
        assert (ended.status, ended.out) == (0, f"{EMAIL} is {article} {role} now, in open sessions too.\n")
        account = found(people)
        assert account is not None
        assert account.role == role
        assert people.role_seen(session.token) == role


def test_role_of_an_unknown_email_is_told_and_fails(operator: Operator) -> None:
    ended = operator("accounts", "role", EMAIL, "admin")
    assert (ended.status, ended.out, ended.err) == (1, "", "There is no account with this email.\n")


def test_role_changed_while_redis_is_away_says_what_is_missing_and_a_repetition_mends_it(
    operator: Operator, people: People, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = people.sign_in(people.register())
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    ended = operator("accounts", "role", EMAIL, "admin")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("The role is changed, but Redis did not answer")
    assert people.role_seen(session.token) == "member"
    monkeypatch.setenv("REDIS_URL", redis_url)
    assert operator("accounts", "role", EMAIL, "admin").status == 0
    assert people.role_seen(session.token) == "admin"


def test_account_is_opened_although_redis_is_away(
    operator: Operator, people: People, stdin: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    stdin(PASSWORD)
    ended = operator("accounts", "create", EMAIL)
    assert (ended.status, ended.err) == (0, "")
    assert found(people) is not None


def test_console_takes_the_password_from_a_pipe(environ: dict[str, str], people: People) -> None:
    ended = run("accounts", "create", EMAIL, environ=environ, stdin=f"{PASSWORD}\n")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert authenticates(people, PASSWORD).email == EMAIL


def _at_a_terminal(environ: dict[str, str], *typed: str) -> tuple[int, str]:
    """Run ``accounts create`` at a terminal of its own; type each answer when it is asked for."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "webapp", "accounts", "create", EMAIL]
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env={"PATH": os.defpath, **environ},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_take_the_terminal,  # noqa: PLW1509 - The tests start no threads beside it.
    ) as process:
        os.close(theirs)
        try:
            shown = _type(ours, typed)
            status = process.wait(ENDS_WITHIN_SECONDS)
        finally:
            # One that waits for more to be typed would be waited for in its turn.
            process.kill()
    os.close(ours)
    return status, shown


def _take_the_terminal() -> None:
    # Who is started in the background, as in many a pipeline, has inherited that Ctrl-C means nothing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Opened by the leader of a session, it becomes the terminal of that session; so Ctrl-C reaches it.
    os.close(os.open(os.ttyname(0), os.O_RDWR))


def _type(terminal: int, answers: tuple[str, ...]) -> str:
    shown, waiting, last = "", list(answers), ""
    while True:
        if last == CTRL_C and not select.select([terminal], [], [], PRESSED_AGAIN_AFTER_SECONDS)[0]:
            # It came in the very moment before the program began to wait for a line. People press it again.
            os.write(terminal, last.encode())
            continue
        try:
            shown += os.read(terminal, 1024).decode()
        except OSError:
            # The other end has closed it.
            return shown
        if waiting and shown.endswith(("Password: ", "Once more: ")):
            last = waiting.pop(0)
            os.write(terminal, last.encode())
