"""Every part is measured, with little of everything: the figures are worth nothing, but there are some."""

import math
import re
import shutil
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import pytest
from bench import crowd, load, node, slices
from bench.asking import BROWSER, HEADS, request
from bench.contestants import EXPRESS, PRODUCT, QUART
from bench.crowd import measure_crowd
from bench.noise import Figure
from bench.prices import measure_prices
from bench.starts import measure_starts
from bench.store import measure_store
from bench.table import Part, Row, table
from own_redis import SLOW

# Servers are started, on machines that may have much else to do.
pytestmark = pytest.mark.timeout(SLOW)


class Greeter:
    """A server that says hello, and notes with what cookie it was asked, and how often."""

    def __init__(self) -> None:
        self.cookies: set[str | None] = set()
        self.count = 0
        greeter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                greeter.cookies.add(self.headers["Cookie"])
                greeter.count += 1
                with suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello")

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = load.CONNECTIONS

            def handle_error(self, *_: object) -> None:
                """Whoever measures hangs up in the middle."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def silent(_: str) -> None:
    """Nobody reads it."""


def figures(part: Part) -> list[float]:
    """Give what each row of a part was measured as, where it was."""
    return [float(row.measured.split()[0].rstrip("%")) for row in part.rows if row.within is not None]


def test_pages_are_measured_without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "FOUND", None)
    monkeypatch.setattr(slices, "WARM", 0.5)
    part = measure_prices(1, 0.5, silent, with_node=False)
    assert all(map(math.isfinite, figures(part)))
    skipped = [row for row in part.rows if row.within is None]
    assert [row.beside for row in skipped] == ["not asked for"] * 4
    assert all(row.verdict == "not measured" for row in skipped)
    assert f"{EXPRESS} was not measured: not asked for." in part.notes
    assert all(f"| {name} | {heads} |" in part.notes for name in (PRODUCT, QUART) for heads in HEADS)
    [one, other] = [row for row in part.rows if row.what.startswith("scripts")]
    # What is under way at the end of a slice counts as a page too, so it is one exactly; no page asks for two.
    assert all(0 < float(row.measured) <= 1.02 for row in (one, other))


def test_node_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert node.missing() == "no node"


def test_lock_of_the_peers_names_no_registry() -> None:
    assert "resolved" not in node.LOCK.read_text()
    assert "integrity" in node.LOCK.read_text()


async def test_store_of_each_version_is_measured() -> None:
    part = await measure_store(400, 100, 16, silent)
    assert all(map(math.isfinite, figures(part)))
    memory = [row for row in part.rows if row.what.startswith("memory")]
    assert all(200 < float(row.measured.split()[0]) < 2000 for row in memory)
    calls = [row for row in part.rows if row.what.endswith("calls of Redis")]
    assert [row.measured for row in calls] == ["1.00"] * 2 * len(memory)
    assert all(row.within for row in calls)


async def test_rush_of_sign_ins_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "RATE", 20)
    part = await measure_crowd(2, 1, silent, quiet=0.5)
    assert all(map(math.isfinite, figures(part)))
    # A machine that has much else to do may ask them to come again.
    told = re.match(r"(\d+) let in, (\d+) asked to come again", part.rows[1].beside)
    assert told
    assert sum(map(int, told.groups())) == 2


def test_start_is_measured() -> None:
    part = measure_starts(1, silent)
    assert len(figures(part)) == 4
    assert all(figure > 0 for figure in figures(part))


@pytest.mark.parametrize("wrk", [None, shutil.which("wrk") or pytest.param("", marks=pytest.mark.skip("no wrk"))])
def test_loader_sends_the_cookies_in_turn(wrk: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(load, "FOUND", wrk)
    with Greeter() as greeter:
        requests = [request(greeter.port, "/", f"name={number}", "bare") for number in range(3)]
        came = load.send(greeter.port, requests, tmp_path, 1)
    assert came.pages >= 3
    assert came.size >= len("Hello")
    # One more is under way on each connection when the time is over, or was not yet read.
    assert 0 <= greeter.count - came.pages <= load.CONNECTIONS
    assert greeter.cookies == {f"name={number}" for number in range(3)}


def test_browser_sends_seventeen_headers() -> None:
    lines = request(8000, "/dashboard", "a=b", "browser").decode().split("\r\n")
    assert len([line for line in lines if ": " in line]) == 17 == len(BROWSER) + 2


def test_bound_near_the_middle_is_within_noise() -> None:
    figure = Figure([0.9, 1.0, 1.1, 1.2], [1.0, 1.02])
    assert figure.is_near(1.1)
    assert not figure.is_near(1.3)
    assert Figure([1.0], [1.2]).is_near(1.15)
    assert not Figure([1.0], [1.1]).is_near(1.15)


def test_verdicts() -> None:
    rows = [
        Row("a", "1", "≤ 1", True, ""),
        Row("b", "2", "≤ 1", False, ""),
        Row("c", "1.1", "≤ 1", False, "", noisy=True),
        Row("d", "-", "≤ 1", None, "no node"),
    ]
    told = ["pass", "FAIL", "FAIL, within noise", "not measured"]
    assert [line.split(" | ")[3] for line in table(rows).splitlines()[2:]] == told
