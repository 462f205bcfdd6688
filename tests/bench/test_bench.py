"""What thousands of streams are measured by, with a few of them: the figures are worth nothing, but there are some."""

import math

from bench.streams import Plan, measure_streams
from bench.table import Row, table

FEW = Plan(streams=20, ends=10, seconds=1, rounds=2, slice=0.5)


async def test_everything_is_measured():
    memory, wait, pages = await measure_streams(FEW, lambda _: None)
    assert "of 20 open streams" in memory.what
    assert "10 ends" in wait.beside
    assert all(math.isfinite(float(row.measured.split()[0])) for row in (memory, wait, pages))
    # Ten sessions were ended, so ten pages were told; what was not told would have failed.
    assert float(wait.measured.split()[0]) > 0


def test_bound_that_is_missed_is_told_in_the_table():
    rows = [Row("a", "1 ms", "< 2 ms", True, "-"), Row("b", "3 ms", "< 2 ms", False, "-")]
    assert [line.split(" | ")[3] for line in table(rows).splitlines()[2:]] == ["pass", "FAIL"]
