"""The files of docs/deploying/linux, made to fit a test: other addresses, folders and users, all else to the letter."""

import re
import shlex
from collections.abc import Iterator

from deploying.commands import ROOT

FILES = ROOT / "docs" / "deploying" / "linux"
CADDYFILE, UNIT, REDIS, ENVIRONMENT = (
    FILES / name for name in ("Caddyfile", "gatehouse.service", "redis.conf", "environment")
)
DOMAIN = "gatehouse.example.com"
PYTHON = "/opt/gatehouse/.venv/bin/python"

# Caddy's own authority signs for localhost, and nothing outside the test's folder is touched.
FOR_TESTS = """{
	admin off
	skip_install_trust
	auto_https disable_redirects
	grace_period 1s
"""


def unit() -> list[tuple[str, str]]:
    """Read the settings of the unit in their order."""
    lines = UNIT.read_text().splitlines()
    return [
        (name, value) for name, equals, value in (line.partition("=") for line in lines if line[:1] != "#") if equals
    ]


def lines_of_the_unit() -> dict[str, list[str]]:
    """Give the commands of the unit, without the Python that runs them."""
    commands = {name: shlex.split(value) for name, value in unit() if name.startswith("Exec")}
    assert {words[0] for words in commands.values()} == {PYTHON}
    return {name: words[1:] for name, words in commands.items()}


def environment(**changed: str) -> dict[str, str]:
    """Read the settings as systemd does, with those ``changed``."""
    lines = ENVIRONMENT.read_text().splitlines()
    return {
        name: value for name, equals, value in (line.partition("=") for line in lines if line[:1] != "#") if equals
    } | changed


def caddyfile(https: int, upstream: int) -> str:
    """Give the Caddyfile for localhost and these ports."""
    text, replaced = re.subn(r"^\{$", FOR_TESTS.rstrip("\n"), CADDYFILE.read_text(), count=1, flags=re.MULTILINE)
    assert replaced == 1
    assert text.count(f"{DOMAIN} {{") == 1
    assert text.count("127.0.0.1:8000") == 1
    return text.replace(f"{DOMAIN} {{", f"https://localhost:{https} {{").replace(
        "127.0.0.1:8000", f"127.0.0.1:{upstream}"
    )


def redis_options() -> Iterator[tuple[str, str]]:
    """Read the lines of redis.conf."""
    for line in REDIS.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition(" ")
            yield name, value
