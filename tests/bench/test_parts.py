"""Every part is measured, with little of everything: the figures are worth nothing, but there are some."""

import math
from pathlib import Path

import pytest
from bench import load, node
from bench.asking import BROWSER, HEADS, request
from bench.contestants import EXPRESS, PRODUCT, QUART
from bench.crowd import measure_crowd
from bench.noise import Figure
from bench.prices import measure_prices
from bench.starts import measure_starts
from bench.store import measure_store
from bench.table import Part, Row, table


def silent(_: str) -> None:
    """Nobody reads it."""


def figures(part: Part) -> list[float]:
    """Give what each row of a part was measured as, where it was."""
    return [float(row.measured.split()[0].rstrip("%")) for row in part.rows if row.within is not None]


def test_pages_are_measured_without_node() -> None:
    part = measure_prices(1, 1, silent, with_node=False)
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


async def test_rush_of_sign_ins_is_measured() -> None:
    part = await measure_crowd(2, 1, silent, quiet=0.5)
    assert all(map(math.isfinite, figures(part)))
    assert "2 let in, 0 asked to come again" in part.rows[1].beside


def test_start_is_measured() -> None:
    part = measure_starts(1, silent)
    assert len(figures(part)) == 4
    assert all(figure > 0 for figure in figures(part))


def test_our_own_loader_does_where_there_is_no_wrk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(load, "FOUND", None)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests'}")
    with served(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello") as port:
        requests = [request(port, "/", f"name={number}", "bare") for number in range(3)]
        came = load.send(port, requests, tmp_path, 1)
    assert load.loader().startswith("our own")
    assert came.pages > 64
    assert came.size == pytest.approx(43, rel=0.1)
    assert came.seconds == pytest.approx(1, rel=0.5)


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
