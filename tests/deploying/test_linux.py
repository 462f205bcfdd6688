"""The files for a Linux host of one's own, each read by the program that it is for."""

import shutil
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from deploying import linux
from deploying.commands import parses, procfile
from deploying.conftest import FORGED, PATIENCE, Browsers
from deploying.processes import Deployed, run
from gatehouse import SECRET
from own_redis import StandaloneRedis, any_binary, wait_until
from pages import cookies_set
from ports import free_port
from programs import program
from proxies.running import Running
from system_packages import CADDY

from webapp.settings import Settings

# What systemd itself calls well protected lies below 2; 9.6 is a service without any of it.
MOST_EXPOSED = 2.0


def test_environment_is_accepted_once_it_has_a_key():
    settings = Settings.from_env(linux.environment(SECRET_KEY=SECRET))
    assert settings.production
    assert settings.public_url == f"https://{linux.DOMAIN}"
    assert settings.trusted_proxy == 1
    assert all(network.is_loopback for network in settings.trusted_proxy_networks)
    assert linux.environment()["SECRET_KEY"] == ""


def test_unit_runs_what_the_procfile_runs():
    lines = linux.lines_of_the_unit()
    assert {name: ["python", *words] for name, words in lines.items()} == {
        "ExecStartPre": procfile()["release"].split(),
        "ExecStart": procfile()["web"].split(),
    }
    assert all(parses(words[2:]) for words in lines.values())


def test_systemd_understands_the_unit_and_finds_it_well_protected(tmp_path: Path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("There is no systemd on this machine to read the unit.")
    # It looks whether the program is there.
    (tmp_path / linux.UNIT.name).write_text(linux.UNIT.read_text().replace(linux.PYTHON, sys.executable))
    read = subprocess.run(
        [analyze, "verify", str(tmp_path / linux.UNIT.name)], capture_output=True, text=True, check=False
    )
    assert (read.returncode, read.stderr) == (0, "")
    words = [
        analyze,
        "security",
        "--offline=true",
        f"--threshold={MOST_EXPOSED * 10:.0f}",
        str(tmp_path / linux.UNIT.name),
    ]
    judged = subprocess.run(words, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout.splitlines()[-1:]


def test_unit_gives_the_server_time_to_stop_and_nobody_a_name_twice():
    settings = dict(linux.unit())
    assert int(settings["TimeoutStopSec"]) > 10
    assert settings["EnvironmentFile"] == "/etc/gatehouse/environment"
    repeatable = {"SystemCallFilter"}
    names = [name for name, _ in linux.unit() if name not in repeatable]
    assert len(set(names)) == len(names)


def test_redis_takes_its_lines_and_evicts_nobody(stack: ExitStack, folder: Path):
    options = [word for name, value in linux.redis_options() if name != "unixsocket" for word in (f"--{name}", value)]
    redis = StandaloneRedis(folder, any_binary(), options=options)
    stack.callback(redis.stop)
    said = {name: redis.cli("CONFIG", "GET", name)[name] for name, _ in linux.redis_options()}
    assert said["maxmemory-policy"] == "noeviction"
    assert (said["appendonly"], said["appendfsync"], said["port"]) == ("yes", "everysec", "0")
    assert int(said["maxmemory"]) == 256 * 1024**2
    assert redis.socket.stat().st_mode & 0o777 == 0o770


def test_caddyfile_is_formatted_and_valid(folder: Path):
    caddy, state = program(CADDY), {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    for words in (
        ["fmt", str(linux.CADDYFILE)],
        ["validate", "--adapter", "caddyfile", "--config", str(linux.CADDYFILE)],
    ):
        done = subprocess.run([caddy, *words], env=state, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "WARN" not in done.stderr.upper().replace("WARNING: LOAD CREDENTIALS", "")
    formatted = subprocess.run(
        [caddy, "fmt", str(linux.CADDYFILE)], env=state, capture_output=True, text=True, check=True
    )
    assert formatted.stdout == linux.CADDYFILE.read_text()


@pytest.mark.timeout(150)
async def test_sign_in_through_that_very_caddyfile_and_a_restart_that_nobody_notices(
    stack: ExitStack, folder: Path, bare_postgresql_url: str, redis_url: str, browsers: Browsers
):
    https, port = free_port(), free_port()
    address = f"https://localhost:{https}"
    settings = linux.environment(
        SECRET_KEY=SECRET, PUBLIC_URL=address, DATABASE_URL=bare_postgresql_url, REDIS_URL=redis_url, PORT=str(port)
    )
    lines = {name: " ".join(["python", *words]) for name, words in linux.lines_of_the_unit().items()}
    assert run(lines["ExecStartPre"], settings).returncode == 0
    server = Deployed(lines["ExecStart"], settings, folder)
    stack.callback(server.stop, PATIENCE)
    trust = start_caddy(stack, folder, https, port)

    browser = browsers(address, trust)
    registered = await browser.register()
    assert registered.status_code == 303, registered.text
    assert cookies_set(registered)["__Host-session"]["secure"]
    devices = await browser.get("/settings/sessions")
    assert "127.0.0.1" in devices.text
    assert FORGED["X-Forwarded-For"] not in devices.text
    assert "strict-transport-security" in devices.headers

    assert server.stop(PATIENCE) == 0, server.log()
    restarted = Deployed(lines["ExecStart"], settings, folder)
    stack.callback(restarted.stop, PATIENCE)
    # It has just begun to start: this request arrives first, and waits in Caddy.
    assert (await browser.get("/dashboard")).status_code == 200
    assert restarted.stop(PATIENCE) == 0


def start_caddy(stack: ExitStack, folder: Path, https: int, upstream: int) -> ssl.SSLContext:
    """Run Caddy with the Caddyfile, and trust the authority that it makes for localhost."""
    (at := folder / "caddy").mkdir()
    (at / "Caddyfile").write_text(linux.caddyfile(https, upstream))
    folder.chmod(0o755)
    words = [program(CADDY), "run", "--adapter", "caddyfile", "--config", str(at / "Caddyfile")]
    stack.callback(Running(at, words, (https,), "nobody").stop)
    trust = ssl.create_default_context(cafile=at / "caddy" / "pki" / "authorities" / "local" / "root.crt")
    wait_until(lambda: shakes_hands(https, trust), "Caddy has signed its certificate")
    return trust


def shakes_hands(port: int, trust: ssl.SSLContext) -> bool:
    """Tell whether the server behind a port shows a certificate that is trusted; Caddy listens before it has one."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port)) as connection,
            trust.wrap_socket(connection, server_hostname="localhost"),
        ):
            return True
    except ssl.SSLError:
        return False
