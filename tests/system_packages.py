"""What the tests want that no Python package carries: Chromium, a Redis from the system, proxies, and libfaketime.

``make test`` runs this first. Where one is missing and this is root on a Debian, as in a container, it installs
Debian's. Everywhere else it says in a sentence how to get it, and the tests that need it say so again. Under CI=true
a missing one fails, so that no pipeline is green for want of a browser. What is installed is never started or left
enabled as a service: the tests start their own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
REDIS_NAMES = ("redis-server", "valkey-server")
# Where Debian has its servers; not everybody's PATH names it.
SERVERS = "/usr/sbin"
# Where Debian has the library that gives a program another time; the folder above is named after the processor.
FAKETIME_PATTERN = "*/faketime/libfaketime.so.1"
# The directory exists where, and only where, systemd runs the machine (sd_booted(3)).
SYSTEMD = Path("/run/systemd/system")
# The older of the two ways in which Debian starts services with the machine; not every service has it.
INIT_SCRIPTS = Path("/etc/init.d")
# Debian's packages ask this program whether they may start their services; 101 forbids it.
START_POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A program or library, the packages that bring it to a Debian, and the words for whom nobody can help."""

    find: Callable[[], str | None]
    packages: tuple[str, ...]
    how: str
    # Whether the packages are each a service of the same name, started and enabled by being installed.
    brings_service: bool = False


def find_chromium() -> str | None:
    """Find the browser: CHROMIUM where it is set, else the first that PATH has."""
    return shutil.which(os.environ["CHROMIUM"]) if os.environ.get("CHROMIUM") else _first(CHROMIUM_NAMES)


def find_redis() -> str | None:
    """Find the system's Redis."""
    return _first(REDIS_NAMES)


def find_server(name: str) -> str | None:
    """Find a program that is meant to be a service."""
    return shutil.which(name) or shutil.which(name, path=SERVERS)


def find_faketime() -> str | None:
    """Find the library."""
    return next(map(str, sorted(Path("/usr/lib").glob(FAKETIME_PATTERN))), None)


def _proxy(package: str, name: str) -> Wanted:
    how = f"Nothing is tested behind {name}: install {package}."
    return Wanted(partial(find_server, package), (package,), how, brings_service=True)


CHROMIUM = Wanted(
    find_chromium,
    # Pages are looked at in a font that Debian's Chromium does not bring along.
    ("chromium", "fonts-liberation"),
    "The browser tests need Chromium or Chrome: install one, or let CHROMIUM name its program.",
)
REDIS = Wanted(
    find_redis,
    ("redis-server",),
    "The stores are tested on the embedded Redis alone: for a second one install redis-server or valkey-server.",
    brings_service=True,
)
FAKETIME = Wanted(
    find_faketime,
    ("libfaketime",),
    "The renewal of secrets is not tried with a clock that jumps: install libfaketime.",
)
NGINX, HAPROXY, CADDY = _proxy("nginx", "nginx"), _proxy("haproxy", "HAProxy"), _proxy("caddy", "Caddy")
WANTED = (CHROMIUM, REDIS, FAKETIME, NGINX, HAPROXY, CADDY)


def main() -> int:
    """Install what is missing and can be installed; the exit status is 1 under CI=true when something stays missing."""
    installable = [wanted for wanted in _missing() if _may_install(wanted)]
    if installable:
        _install([package for wanted in installable for package in wanted.packages])
        _disable([package for wanted in installable if wanted.brings_service for package in wanted.packages])
    missing = _missing()
    for wanted in missing:
        print(wanted.how, file=sys.stderr)
    return int(bool(missing) and os.environ.get("CI") == "true")


def _missing() -> list[Wanted]:
    return [wanted for wanted in WANTED if wanted.find() is None]


def _may_install(wanted: Wanted) -> bool:
    # Where systemd runs, this is somebody's machine, who may not want a service that waits to be enabled again.
    unwelcome = wanted.brings_service and SYSTEMD.exists()
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and not unwelcome


def _install(packages: list[str]) -> None:
    """Install with apt-get, quietly; what goes wrong is shown, and is not the end: main() looks again."""
    print(f"Installing {', '.join(packages)} for the tests.", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_services_started():
        for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            _run(["apt-get", "--quiet", *words], environment)


def _disable(services: list[str]) -> None:
    """Keep from the next start of the machine what was installed now; Debian's own helpers do so without systemd."""
    for service in services:
        # It works for packages alone, and asks nobody but the environment whether it is one that calls.
        package = {**os.environ, "DPKG_MAINTSCRIPT_PACKAGE": service}
        _run(["deb-systemd-helper", "disable", f"{service}.service"], package)
        if (INIT_SCRIPTS / service).exists():
            _run(["update-rc.d", service, "disable"])


@contextmanager
def _no_services_started() -> Iterator[None]:
    """Keep Debian from starting what it installs; a policy that is there already is somebody's, and stays."""
    if START_POLICY.exists():
        yield
        return
    START_POLICY.write_text("#!/bin/sh\nexit 101\n")
    START_POLICY.chmod(0o755)
    try:
        yield
    finally:
        START_POLICY.unlink()


def _run(words: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(words, env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stderr)


def _first(names: tuple[str, ...]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


if __name__ == "__main__":
    sys.exit(main())
