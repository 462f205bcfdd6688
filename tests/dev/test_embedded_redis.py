import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis

from webapp.dev import embedded_redis, redis_server
from webapp.dev.embedded_redis import EmbeddedRedis

ROOT = Path(__file__).parents[2]
WAITING_RUN = """
import sys, time
from pathlib import Path
from webapp.dev.embedded_redis import EmbeddedRedis
with EmbeddedRedis(Path(sys.argv[1])) as own:
    print(own.url, flush=True)
    time.sleep(600)
"""


def test_data_outlives_a_restart(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as own:
        _client(own.url).set("kept", "yes")
    with EmbeddedRedis(tmp_path) as own:
        assert _client(own.url).get("kept") == b"yes"


def test_data_of_the_embedded_redis_is_read_by_the_installed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    binaries = redis_server.binaries()
    for name in ("embedded", "installed"):
        if name not in binaries:
            pytest.skip(f"There is no {name} Redis on this machine.")
    for name in ("embedded", "installed"):
        monkeypatch.setattr(redis_server, "binaries", lambda name=name: {name: binaries[name]})
        with EmbeddedRedis(tmp_path) as own:
            assert _client(own.url).incr("starts") == ["embedded", "installed"].index(name) + 1


def test_redis_ends_with_its_last_user(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as first:
        with EmbeddedRedis(tmp_path) as second:
            assert _process_id(first.url) == _process_id(second.url)
        assert _client(first.url).ping()
    with pytest.raises(redis.ConnectionError):
        _client(first.url).ping()


def test_redis_of_a_killed_run_is_found_used_and_ended(tmp_path: Path):
    killed, url = _waiting_run(tmp_path)
    left = _process_id(url)
    killed.kill()
    killed.communicate()
    with EmbeddedRedis(tmp_path) as own:
        assert _process_id(own.url) == left
    with pytest.raises(redis.ConnectionError):
        _client(url).ping()


def test_runs_that_start_at_the_same_moment_share_one_redis(tmp_path: Path):
    meeting = threading.Barrier(4)
    seen = set()

    def run() -> None:
        meeting.wait()
        with EmbeddedRedis(tmp_path) as own:
            seen.add(_process_id(own.url))
            meeting.wait()

    runs = [threading.Thread(target=run) for _ in range(4)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert len(seen) == 1


def test_redis_survives_ctrl_c_in_the_terminal_until_its_user_stops_it(tmp_path: Path):
    process, url = _waiting_run(tmp_path)
    process.send_signal(signal.SIGINT)
    process.communicate()
    with pytest.raises(redis.ConnectionError):
        _client(url).ping()
    with EmbeddedRedis(tmp_path) as own:
        assert _client(own.url).config_get("appendfsync") == {"appendfsync": "everysec"}


def test_redis_never_evicts_and_admits_nobody_else(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as own:
        settings = _client(own.url).config_get("*")
        socket = Path(own.url.removeprefix("unix://"))
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["port"] == "0"
        assert socket.parent.stat().st_mode & 0o777 == 0o700


def test_socket_folder_that_others_can_enter_is_refused(tmp_path: Path):
    folder = embedded_redis._socket_folder(tmp_path.resolve())
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(RuntimeError, match="open to others"), EmbeddedRedis(tmp_path):
        pass
    folder.rmdir()


def test_machine_without_a_redis_is_told_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis_server, "binaries", dict)
    with pytest.raises(RuntimeError, match="Install redis-server"), EmbeddedRedis(tmp_path):
        pass
    embedded_redis._socket_folder(tmp_path.resolve()).rmdir()


def _waiting_run(folder: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING_RUN, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def _process_id(url: str) -> int:
    return int(_client(url).info("server")["process_id"])


def _client(url: str) -> redis.Redis:
    return redis_server.connect(Path(url.removeprefix("unix://")))
