"""The operator's commands, run as an operator runs them."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from servers import free_port

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
SERVER_COMES_UP_SECONDS = 30


def test_serve_with_faulty_settings_names_every_fault_and_exits_2():
    ended = _run("serve", {"APP_ENV": "production", "PORT": "many", "SESSION_IDLE": "soon"})
    assert ended.returncode == 2
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    named = [line.split()[0] for line in lines]
    assert sorted(named) == ["DATABASE_URL", "PORT", "PUBLIC_URL", "REDIS_URL", "SECRET_KEY", "SESSION_IDLE"]


def test_migrate_with_faulty_settings_exits_2():
    assert _run("migrate", {}).returncode == 2


def test_unknown_command_exits_2_and_lists_the_commands():
    ended = _run("serv", {})
    assert ended.returncode == 2
    assert "serve" in ended.stderr


def test_migrate_makes_the_tables_and_may_be_repeated(tmp_path: Path):
    database = tmp_path / "gatehouse.sqlite3"
    settings = _settings(tmp_path, port=1)
    assert [_run("migrate", settings).returncode for _ in range(2)] == [0, 0]
    with closing(sqlite3.connect(database)) as db:
        assert "account" in " ".join(name for (name,) in db.execute("SELECT name FROM sqlite_master"))


def test_serve_answers_hides_its_name_and_ends_with_0_on_sigterm(tmp_path: Path, redis_url: str):
    port = free_port()
    settings = _settings(tmp_path, port=port) | {"REDIS_URL": redis_url}
    with _start("serve", settings) as process:
        head = _get(process, port, "/healthz")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=SERVER_COMES_UP_SECONDS)
    assert head.startswith("HTTP/1.1 200")
    assert not re.search(r"^server:", head, re.IGNORECASE | re.MULTILINE)
    assert process.returncode == 0, log


def test_serve_on_a_port_that_is_taken_says_so_and_fails(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = _run("serve", _settings(tmp_path, port=port))
    assert ended.returncode == 1
    assert ended.stderr == f"Cannot listen on port {port}: Address already in use.\n"


def _settings(folder: Path, port: int) -> dict[str, str]:
    return {
        "SECRET_KEY": SECRET,
        "REDIS_URL": "redis://127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{folder / 'gatehouse.sqlite3'}",
        "PORT": str(port),
    }


def _start(command: str, settings: dict[str, str]) -> subprocess.Popen[str]:
    environment = {"PATH": os.defpath} | settings
    words = [sys.executable, "-m", "webapp", command]
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _run(command: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    with _start(command, settings) as process:
        stdout, stderr = process.communicate(timeout=SERVER_COMES_UP_SECONDS)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def _get(process: subprocess.Popen[str], port: int, path: str) -> str:
    """Fetch one page as raw text, as soon as the server accepts connections."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=SERVER_COMES_UP_SECONDS) as connection:
                connection.sendall(
                    f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()
                )
                return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        except ConnectionRefusedError:
            assert process.poll() is None, process.communicate()
