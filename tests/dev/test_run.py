"""`make run` from outside, in a fresh checkout: it answers, reloads, keeps, and ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
import redis
from own_redis import SLOW
from ports import free_port

from webapp.dev import embedded_redis, redis_server

ROOT = Path(__file__).parents[2]
# Seconds; all of it takes three on a small machine, and a multiple of that on a busy one.
PATIENCE = 60
ANSWERS = "Gatehouse is at"

pytestmark = pytest.mark.timeout(SLOW)


class Run:
    """A development run, its lines read as they come; one that says nothing for too long is killed."""

    def __init__(self, checkout: Path, settings: dict[str, str]) -> None:
        words = [sys.executable, "-m", "webapp.dev"]
        environment = {"PATH": os.environ["PATH"]} | settings
        self.process = subprocess.Popen(
            words, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._killer = self._patience()

    def read_until(self, expected: str) -> None:
        """Read its lines up to the one that holds ``expected``."""
        assert self.process.stdout
        said = ""
        while expected not in said:
            line = self.process.stdout.readline()
            said += line
            assert line, said
            self._killer.cancel()
            self._killer = self._patience()

    def end(self, number: signal.Signals | None = None) -> str:
        """Send a signal, wait for the end, and give what was said."""
        if number is not None:
            self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=PATIENCE)
        self._killer.cancel()
        return said

    def _patience(self) -> threading.Timer:
        """Begin to wait for its next word."""
        killer = threading.Timer(PATIENCE, self.process.kill)
        killer.start()
        return killer


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """Give a checkout that nobody has run yet."""
    for name in ("webapp", "templates", "static"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    yield tmp_path
    assert not embedded_redis._socket_folder(tmp_path.resolve() / "instance" / "redis").exists()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_answers_until_it_is_told_to_end(checkout: Path, port: int, number: signal.Signals):
    run = Run(checkout, {"PORT": str(port)})
    run.read_until(f"{ANSWERS} http://localhost:{port}")
    with urlopen(f"http://localhost:{port}/readyz") as answer:
        assert answer.status == 200
    said = run.end(number)
    assert run.process.returncode == 0, said
    assert "Traceback" not in said


def test_run_keeps_key_and_data_in_a_folder_for_this_user_alone(checkout: Path, port: int):
    keys = set()
    for _ in range(2):
        run = Run(checkout, {"PORT": str(port)})
        run.read_until(ANSWERS)
        run.end(signal.SIGTERM)
        keys.add((checkout / "instance" / "secret_key").read_text())
    assert len(keys) == 1
    assert (checkout / "instance").stat().st_mode & 0o777 == 0o700
    assert (checkout / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (checkout / "instance" / "gatehouse.sqlite3").exists()


def test_changed_file_restarts_the_server(checkout: Path, port: int):
    run = Run(checkout, {"PORT": str(port)})
    run.read_until(ANSWERS)
    # In one step: made and written, the file may be two changes to whoever looks in between.
    (checkout / "changed.py").write_text('"""A change."""\n')
    (checkout / "changed.py").rename(checkout / "webapp" / "changed.py")
    run.read_until(ANSWERS)
    assert run.end(signal.SIGTERM) == ""


def test_server_that_fails_to_start_comes_back_when_mended(checkout: Path, port: int):
    factory = checkout / "webapp" / "factory.py"
    good = factory.read_text()
    run = Run(checkout, {"PORT": str(port)})
    run.read_until(ANSWERS)
    factory.write_text("raise RuntimeError\n")
    run.read_until("The server has ended")
    factory.write_text(good)
    run.read_until(ANSWERS)
    run.end(signal.SIGTERM)


def test_killed_run_takes_its_server_along_and_the_next_run_finds_the_data(checkout: Path, port: int):
    killed = Run(checkout, {"PORT": str(port)})
    killed.read_until(ANSWERS)
    with _redis_of(checkout) as client:
        client.set("kept", "yes")
    # Its output ends when the last process that holds it has ended: the server.
    killed.end(signal.SIGKILL)
    _wait_until(lambda: not _listens(port))
    run = Run(checkout, {"PORT": str(port)})
    run.read_until(f"{ANSWERS} http://localhost:{port}")
    with _redis_of(checkout) as client:
        assert client.get("kept") == b"yes"
    assert "Traceback" not in run.end(signal.SIGTERM)


def test_redis_that_ends_by_itself_comes_back_with_its_data(checkout: Path, port: int):
    run = Run(checkout, {"PORT": str(port)})
    run.read_until(ANSWERS)
    with _redis_of(checkout) as client:
        client.set("kept", "yes")
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    run.read_until("Redis had ended by itself")
    _wait_until(lambda: _is_ready(port))
    with _redis_of(checkout) as client:
        assert client.get("kept") == b"yes"
    run.end(signal.SIGTERM)


def test_port_that_is_taken_is_named_in_one_sentence(checkout: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = Run(checkout, {"PORT": str(port)})
        said = run.end()
    assert run.process.returncode == 1
    assert said.splitlines()[-1] == f"Port {port} is taken; choose another: make run PORT=8001"


def test_faulty_settings_are_named_and_end_it_with_2(checkout: Path):
    run = Run(checkout, {"SESSION_IDLE": "soon", "PORT": "70000", "PUBLIC_URL": "here"})
    said = run.end()
    assert run.process.returncode == 2
    assert [line.split()[0] for line in said.splitlines()] == ["PORT", "PUBLIC_URL", "SESSION_IDLE"]


def _redis_of(checkout: Path) -> redis.Redis:
    folder = embedded_redis._socket_folder(checkout.resolve() / "instance" / "redis")
    return redis_server.connect(folder / "redis.sock")


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://localhost:{port}/readyz") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
