"""Every part is measured, with little of everything: the figures are worth nothing, but there are some."""

import asyncio
import math
import re
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

import pytest
from bench import crowd, load, node, slices
from bench.asking import BROWSER, HEADS, request
from bench.contestants import EXPRESS, PRODUCT, QUART
from bench.crowd import measure_crowd
from bench.noise import Figure, estimate, more, part
from bench.prices import measure_prices
from bench.starts import measure_starts
from bench.store import measure_store
from bench.table import Part, Row, table
from own_redis import SLOW

# Servers are started, on machines that may have much else to do.
pytestmark = pytest.mark.timeout(SLOW)


class Greeter:
    """A server that says hello, and notes with what cookie it was asked, and how often.

    It hangs up on whoever asks for nothing for so many seconds of ``patience``.
    """

    def __init__(self, status: bytes = b"200 OK", patience: float | None = None) -> None:
        self.cookies: set[str | None] = set()
        self.count = self.connections = 0
        greeter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = patience

            def setup(self) -> None:
                greeter.connections += 1
                super().setup()

            def do_GET(self) -> None:
                greeter.cookies.add(self.headers["Cookie"])
                greeter.count += 1
                with suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 %b\r\nContent-Length: 5\r\n\r\nHello" % status)

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
    monkeypatch.setattr(slices, "WARM", 0.5)
    part = measure_prices(2, 0.3, silent, with_node=False)
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


async def test_crowd_reads_whole_pages_with_the_cookies_in_turn() -> None:
    with Greeter() as greeter:
        requests = [request(greeter.port, "/", f"name={number}", "bare") for number in range(3)]
        crowd = load.Crowd(greeter.port, requests)
        reads = [await crowd.read(0.2) for _ in range(2)]
        crowd.close()
    assert greeter.cookies == {f"name={number}" for number in range(3)}
    # Every page that was asked for has come, none is under way.
    assert greeter.count == sum(read.count for read in reads)
    assert all(read.count >= load.CONNECTIONS and read.size >= len("Hello") for read in reads)
    assert greeter.connections == load.CONNECTIONS


async def test_crowd_comes_back_to_a_server_that_hangs_up() -> None:
    with Greeter(patience=0.1) as greeter:
        crowd = load.Crowd(greeter.port, [request(greeter.port, "/", "", "bare")])
        await crowd.read(0.05)
        await asyncio.sleep(0.5)
        assert (await crowd.read(0.05)).count >= load.CONNECTIONS
        crowd.close()
    assert greeter.connections == 2 * load.CONNECTIONS


async def test_page_that_is_none_fails() -> None:
    with Greeter(status=b"503 Service Unavailable") as greeter:
        crowd = load.Crowd(greeter.port, [request(greeter.port, "/", "", "bare")])
        with pytest.raises(RuntimeError, match="503"):
            await crowd.read(0.05)
        crowd.close()


def test_browser_sends_seventeen_headers() -> None:
    lines = request(8000, "/dashboard", "a=b", "browser").decode().split("\r\n")
    assert len([line for line in lines if ": " in line]) == 17 == len(BROWSER) + 2


def test_bound_near_the_middle_is_within_noise() -> None:
    figure = Figure([0.9, 1.0, 1.1, 1.2])
    assert figure.is_near(1.1)
    assert not figure.is_near(1.3)
    assert not Figure([1.0]).is_near(1.1)


def test_estimate_of_cycles_that_agree_is_sure_and_of_others_is_not() -> None:
    machine = [1.0, 1.5, 2.0, 1.0, 1.7, 1.2]
    sure = estimate(part, [3 * slow for slow in machine], [2 * slow for slow in machine])
    assert (sure.low, sure.middle, sure.high) == (1.5, 1.5, 1.5)
    assert not sure.is_near(1.6)
    unsure = estimate(more, [3, 4, 9, 3, 8, 5], [2, 2, 2, 2, 2, 2])
    assert unsure.low < unsure.middle == 2.5 < unsure.high
    assert unsure.is_near(3)


def test_verdicts() -> None:
    rows = [
        Row("a", "1", "≤ 1", True, ""),
        Row("b", "2", "≤ 1", False, ""),
        Row("c", "1.1", "≤ 1", False, "", noisy=True),
        Row("d", "-", "≤ 1", None, "no node"),
    ]
    told = ["pass", "FAIL", "FAIL, within noise", "not measured"]
    assert [line.split(" | ")[3] for line in table(rows).splitlines()[2:]] == told
