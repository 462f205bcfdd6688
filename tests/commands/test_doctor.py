"""The doctor's rounds as an operator sees them: a line for everything, an exit status, no secret, no end too late."""

import asyncio
import re
from pathlib import Path

import pytest
from console import run
from gatehouse import Gatehouse
from operators import SECRET, Operator
from ports import free_port

from webapp.commands import doctor
from webapp.commands.checks import database, redis_checks
from webapp.commands.checks.findings import Finding, Mark
from webapp.setting_addresses import origin

LINE = re.compile(r"(ok|warning|wrong) +(Settings|Cookies|Proxies|Redis|Database|Mail|Request) +[^ ].*[.!)]")


def lines_of(out: str) -> list[tuple[str, str]]:
    """Give mark and subject of every line but the last."""
    found = [LINE.fullmatch(line) for line in out.splitlines()[:-1]]
    assert all(found), out
    return [(match[1], match[2]) for match in found if match]


def test_good_surroundings_exit_0_with_a_line_for_every_subject(redis_url: str, sqlite_url: str) -> None:
    environ = {"SECRET_KEY": SECRET, "REDIS_URL": redis_url, "DATABASE_URL": sqlite_url}
    ended = run("doctor", environ=environ)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = lines_of(ended.stdout)
    assert {mark for mark, _ in lines} == {"ok"}
    assert list(dict.fromkeys(subject for _, subject in lines)) == [
        "Settings", "Cookies", "Proxies", "Redis", "Database", "Mail",
    ]  # fmt: skip
    assert ended.stdout.splitlines()[-1] == f"{len(lines)} ok."


def test_request_to_the_site_of_this_very_environment_exits_0(redis_url: str, tmp_path: Path) -> None:
    gatehouse = Gatehouse(tmp_path, redis_url)
    try:
        environ = {
            "SECRET_KEY": SECRET,
            "REDIS_URL": redis_url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'accounts.sqlite3'}",
            "PORT": gatehouse.url.rpartition(":")[2],
        }
        ended = [run("doctor", "--request", *url, environ=environ) for url in ((), (gatehouse.url,))]
    finally:
        gatehouse.stop()
    for each in ended:
        assert (each.returncode, each.stderr) == (0, ""), each.stdout
        assert ("ok", "Request") in lines_of(each.stdout)
        assert "Through no proxy, from 127.0.0.1" in each.stdout or "Through no proxy, from ::1" in each.stdout


def test_everything_wrong_is_told_at_once_without_secrets_and_exits_1() -> None:
    environ = {
        "APP_ENV": "production",
        "SECRET_KEY": SECRET,
        "SECRET_KEY_FALLBACKS": SECRET[::-1],
        "REDIS_URL": f"redis://:s3cret-word@127.0.0.1:{free_port()}",
        "DATABASE_URL": f"postgresql://ada:s3cret-word@127.0.0.1:{free_port()}/site",
        "MAIL_URL": f"smtp://ada:s3cret-word@127.0.0.1:{free_port()}",
        "MAIL_FROM": "hello@example.com",
        "PUBLIC_URL": "https://localhost:8443",
        "DYNO": "web.1",
    }
    ended = run("doctor", "--request", f"http://127.0.0.1:{free_port()}", environ=environ)
    assert (ended.returncode, ended.stderr) == (1, "")
    wrong = [subject for mark, subject in lines_of(ended.stdout) if mark == "wrong"]
    assert wrong == ["Cookies", "Proxies", "Redis", "Database", "Mail", "Request"]
    assert ended.stdout.splitlines()[-1].startswith("6 wrong, ")
    assert [secret for secret in ("s3cret", SECRET, SECRET[::-1]) if secret in ended.stdout] == []


def test_faulty_settings_are_all_told_and_exit_1() -> None:
    ended = run("doctor", environ={"APP_ENV": "production", "PORT": "many", "SECRET_KEY": "short"})
    assert (ended.returncode, ended.stderr) == (1, "")
    lines = ended.stdout.splitlines()
    named = sorted(line.split()[2] for line in lines if line.startswith("wrong"))
    assert named == ["DATABASE_URL", "PORT", "PUBLIC_URL", "REDIS_URL", "SECRET_KEY"]
    assert lines[-1] == "5 wrong, 1 warning."


@pytest.mark.parametrize("url", ["ftp://example.com", "example.com", "https://example.com/path", "https://"])
def test_faulty_url_is_a_faulty_call(operator: Operator, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        operator("doctor", "--request", url)
    assert "--request" in capsys.readouterr().err


@pytest.mark.parametrize("request_to", ["https://example.com", "http://127.0.0.1:8000/", "https://[::1]:8443"])
def test_address_of_any_site_is_a_right_call(request_to: str) -> None:
    assert origin(request_to) == request_to.rstrip("/")


def test_warnings_alone_exit_0(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY", "render")
    ended = operator("doctor")
    assert ended.status == 0
    assert ("warning", "Proxies") in lines_of(ended.out)


def test_check_that_fails_hides_no_other(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> list[Finding]:
        raise LookupError(f"postgresql://ada:{SECRET}@host")

    monkeypatch.setattr(database, "examine", fail)
    ended = operator("doctor")
    assert ended.status == 1
    assert "wrong    Database  The doctor itself failed here (LookupError in test_doctor.py, line " in ended.out
    assert SECRET not in ended.out + ended.err
    assert {subject for mark, subject in lines_of(ended.out) if mark == "ok"} >= {"Redis", "Mail"}


def test_check_that_never_ends_is_ended_and_hides_no_other(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(*_: object) -> list[Finding]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(redis_checks, "examine", wait)
    monkeypatch.setattr(doctor, "LONGEST_CHECK", 0.5)
    monkeypatch.setattr(database, "examine", _well)
    ended = operator("doctor")
    assert ended.status == 1
    assert "wrong    Redis     There was no end of it within 0.5 s." in ended.out
    assert ("ok", "Database") in lines_of(ended.out)


async def _well(*_: object) -> list[Finding]:
    return [Finding(Mark.OK, "All is well.")]


def test_orders_to_the_terminal_are_shown_and_not_obeyed(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def order(*_: object) -> list[Finding]:
        return [Finding(Mark.OK, "\x1b[2J\nwell.")]

    monkeypatch.setattr(database, "examine", order)
    assert "ok       Database  ?[2J?well.\n" in operator("doctor").out


def test_secret_that_a_driver_quotes_is_masked(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def quote(*_: object) -> list[Finding]:
        return [Finding(Mark.OK, f"The driver says {SECRET}.")]

    monkeypatch.setattr(database, "examine", quote)
    assert "ok       Database  The driver says ***.\n" in operator("doctor").out
