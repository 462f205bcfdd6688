"""Giving people everything about them, and erasing their accounts for them."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from operators import EMAIL, Operator, People
from ports import free_port

from webapp.accounts.model import Account
from webapp.personal_data import export

UNKNOWN = "There is no account with this email.\n"


def found(people: People) -> Account | None:
    return people.do(lambda services: services.accounts.find_by_email(EMAIL))


def kinds_waiting(people: People, account: Account) -> list[str]:
    return [entry.kind for entry in people.do(lambda services: services.outbox.about(account.id))]


def test_export_is_the_document_that_the_page_gives(operator: Operator, people: People) -> None:
    account = people.register()
    people.sign_in(account, remember=True)
    ended = operator("accounts", "export", EMAIL.lower())
    assert (ended.status, ended.err) == (0, "")
    printed = json.loads(ended.out)
    document = people.do(lambda services: export(services, account.id))
    assert document is not None
    assert {**printed, "made": ""} == {**json.loads(json.dumps(document)), "made": ""}
    assert [session["address"] for session in printed["sessions"]] == ["203.0.113.7"]
    assert ended.out.isascii()


@pytest.mark.parametrize("words", [("export",), ("erase", "--yes"), ("erase", "--yes", "--now")])
def test_unknown_email_is_told_and_fails(operator: Operator, words: tuple[str, ...]) -> None:
    ended = operator("accounts", words[0], EMAIL, *words[1:])
    assert (ended.status, ended.out, ended.err) == (1, "", UNKNOWN)


def test_erasure_is_planned_as_the_person_would_and_ends_all_sessions_at_once(
    operator: Operator, people: People
) -> None:
    session = people.sign_in(people.register())
    ended = operator("accounts", "erase", EMAIL.lower(), "--yes")
    account = found(people)
    assert account is not None
    assert account.erase_at is not None
    assert abs(account.erase_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=5)
    told = f"{EMAIL} is signed out everywhere, and erased on {account.erase_at:%Y-%m-%d %H:%M} UTC unless its owner"
    assert (ended.status, ended.out, ended.err) == (0, f"{told} signs in before.\n", "")
    assert people.role_seen(session.token) is None
    assert kinds_waiting(people, account) == ["erasure"]


def test_mail_of_a_planned_erasure_is_left_to_the_server(
    operator: Operator, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.register()
    monkeypatch.setenv("MAIL_URL", f"smtp://127.0.0.1:{free_port()}")
    assert operator("accounts", "erase", EMAIL, "--yes").status == 0
    assert sorted(kinds_waiting(people, account)) == ["erasure", "mail"]


def test_account_is_erased_at_once_with_its_sessions(operator: Operator, people: People) -> None:
    session = people.sign_in(people.register())
    ended = operator("accounts", "erase", EMAIL, "--now", "--yes")
    assert (ended.status, ended.out, ended.err) == (0, f"The account of {EMAIL} is erased.\n", "")
    assert found(people) is None
    assert people.role_seen(session.token) is None
    assert people.register().email == EMAIL


@pytest.mark.parametrize("words", [(), ("--now",)])
def test_nothing_is_erased_where_nobody_can_be_asked(
    operator: Operator, people: People, words: tuple[str, ...]
) -> None:
    account = people.register()
    ended = operator("accounts", "erase", EMAIL, *words)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "Nobody is there to be asked; --yes says that it is meant. Nothing was done.\n"
    assert found(people) == account


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "status"), [(f"{EMAIL}\n", 0), ("eve@example.com\n", 1), ("\n", 1), ("", 1)])
def test_terminal_is_asked_for_the_email_once_more(
    operator: Operator, people: People, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    people.register()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    ended = operator("accounts", "erase", EMAIL, "--now")
    assert ended.status == status
    assert ended.err.startswith("Type the email once more to erase its account: ")
    assert (found(people) is None) == (status == 0)
    assert ("another email. Nothing was done." in ended.err) == (status == 1)


@pytest.mark.parametrize(
    ("words", "begins"), [((), "The account is erased on "), (("--now",), "The account is erased, ")]
)
def test_erasure_while_redis_is_away_stands_and_says_what_is_missing(
    operator: Operator, people: People, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], begins: str
) -> None:
    account = people.register()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    ended = operator("accounts", "erase", EMAIL, "--yes", *words)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(begins)
    assert "but Redis did not answer" in ended.err
    left = found(people)
    assert left is None if words else (left is not None and left.erase_at is not None)
    # What ends them as soon as a server can.
    assert words or "sessions" in kinds_waiting(people, account)
