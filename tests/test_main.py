"""The program's own door: faulty calls and settings, migrating, serving. What else it can do is in tests/commands."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from console import ENDS_WITHIN_SECONDS, run, start
from gatehouse import ROOT
from ports import free_port

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"


def test_serve_with_faulty_settings_names_every_fault_and_exits_2():
    ended = run("serve", environ={"APP_ENV": "production", "PORT": "many", "SESSION_IDLE": "soon"})
    assert ended.returncode == 2
    assert ended.stdout == ""
    named = [line.split()[0] for line in ended.stderr.splitlines()]
    assert sorted(named) == ["DATABASE_URL", "PORT", "PUBLIC_URL", "REDIS_URL", "SECRET_KEY", "SESSION_IDLE"]


@pytest.mark.parametrize("command", ["migrate", "sessions list a@b.test", "accounts role a@b.test admin"])
def test_other_command_with_faulty_settings_exits_2_too(command: str):
    ended = run(*command.split(), environ={})
    assert ended.returncode == 2
    assert "SECRET_KEY" in ended.stderr


@pytest.mark.parametrize("command", ["serv", "", "sessions", "sessions end a@b.test", "accounts role a@b.test owner"])
def test_faulty_call_exits_2_and_says_how_it_is_right(command: str):
    ended = run(*command.split(), environ={})
    assert ended.returncode == 2
    assert ended.stderr.startswith("usage: ")
    assert ended.stdout == ""


def test_unknown_command_lists_the_commands():
    said = run("serv", environ={}).stderr
    assert [command for command in ("serve", "migrate", "doctor", "sessions", "accounts") if command not in said] == []


def test_migrate_makes_the_tables_and_may_be_repeated(tmp_path: Path):
    settings = _settings(tmp_path, port=1)
    ended = [run("migrate", environ=settings) for _ in range(2)]
    assert [each.returncode for each in ended] == [0, 0]
    assert [each.stderr for each in ended] == ["", ""]
    with closing(sqlite3.connect(tmp_path / "gatehouse.sqlite3")) as db:
        assert "account" in " ".join(name for (name,) in db.execute("SELECT name FROM sqlite_master"))


def test_migrate_of_a_database_that_is_away_says_so_in_a_line_and_fails(tmp_path: Path):
    absent = f"postgresql://ada:s3cret-word@127.0.0.1:{free_port()}/site"
    ended = run("migrate", environ={**_settings(tmp_path, port=1), "DATABASE_URL": absent})
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "refused" in ended.stderr
    assert "s3cret" not in ended.stderr


def test_migrate_where_no_folder_can_be_made_says_so_in_a_line_and_fails(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    ended = run("migrate", environ=_settings(file / "folder", port=1))
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert str(file / "folder") in line


def test_collector_rests_while_the_program_is_read_and_works_afterwards():
    code = "import gc, webapp.__main__; print(gc.isenabled(), gc.get_stats()[2]['collections'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "0"]


def test_serve_answers_hides_its_name_and_ends_with_0_on_sigterm(tmp_path: Path, redis_url: str):
    port = free_port()
    with start(("serve",), _settings(tmp_path, port=port) | {"REDIS_URL": redis_url}) as process:
        head = _get(process, port, "/healthz")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=ENDS_WITHIN_SECONDS)
    assert head.startswith("HTTP/1.1 200")
    assert not re.search(r"^server:", head, re.IGNORECASE | re.MULTILINE)
    assert process.returncode == 0, log


def test_serve_on_a_port_that_is_taken_says_so_in_a_line_of_its_log_and_fails(tmp_path: Path):
    production = {"APP_ENV": "production", "PUBLIC_URL": "https://gatehouse.test"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", environ=_settings(tmp_path, port=port) | production)
    assert ended.returncode == 1
    [line] = map(json.loads, ended.stderr.splitlines())
    assert (line["level"], line["message"]) == ("critical", f"Cannot listen on port {port}: Address already in use.")


def _settings(folder: Path, port: int) -> dict[str, str]:
    return {
        "SECRET_KEY": SECRET,
        "REDIS_URL": "redis://127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{folder / 'gatehouse.sqlite3'}",
        "PORT": str(port),
    }


def _get(process: subprocess.Popen[str], port: int, path: str) -> str:
    """Fetch one page as raw text, as soon as the server accepts connections."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=ENDS_WITHIN_SECONDS) as connection:
                connection.sendall(
                    f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()
                )
                return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        except ConnectionRefusedError:
            assert process.poll() is None, process.communicate()
