import os
from pathlib import Path

import pytest

from webapp.accounts import capacity

MEBIBYTE = 1024 * 1024
HASH = 64 * MEBIBYTE
PROCESSORS = capacity.hashing_processors()


def test_memory_without_control_groups_is_the_machines(tmp_path: Path) -> None:
    assert capacity.memory_limit(tmp_path) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("group", "file"),
    [
        ("0::/\n", "memory.max"),
        ("0::/app/web\n", "app/web/memory.max"),
        ("0::/app/web\n", "app/memory.max"),
        ("0::/hidden/from/inside\n", "memory.max"),
        ("5:cpu,cpuacct:/\n4:memory:/app\n0::/\n", "memory/app/memory.limit_in_bytes"),
        ("4:memory:/docker/0123\n", "memory/memory.limit_in_bytes"),
    ],
)
def test_control_group_limits_the_memory(tmp_path: Path, group: str, file: str) -> None:
    root = _machine(tmp_path, group, {file: f"{512 * MEBIBYTE}\n"})
    assert capacity.memory_limit(root) == 512 * MEBIBYTE


def test_narrowest_of_several_groups_counts(tmp_path: Path) -> None:
    limits = {"memory.max": "900", "a/memory.max": "300", "a/b/memory.max": "max"}
    assert capacity.memory_limit(_machine(tmp_path, "0::/a/b\n", limits)) == 300


@pytest.mark.parametrize("text", ["max\n", "", "-1", "9223372036854771712", "much"])
def test_group_without_a_limit_leaves_the_machines(tmp_path: Path, text: str) -> None:
    bare = capacity.memory_limit(tmp_path)
    assert capacity.memory_limit(_machine(tmp_path, "0::/\n", {"memory.max": text})) == bare


@pytest.mark.parametrize(
    ("mebibytes", "processes", "expected"),
    [(128, 1, 1), (256, 1, 1), (512, 1, 2), (512, 2, 1), (512, 8, 1), (1024, 2, 2), (16, 1, 1)],
)
def test_hashes_at_once_fit_into_a_quarter_of_the_memory(
    tmp_path: Path, mebibytes: int, processes: int, expected: int
) -> None:
    root = _machine(tmp_path, "0::/\n", {"memory.max": str(mebibytes * MEBIBYTE)})
    assert capacity.hashes_at_once(HASH, 1, processes, root) == min(expected, PROCESSORS)


def test_hashes_at_once_are_never_more_than_four(tmp_path: Path) -> None:
    assert 1 <= capacity.hashes_at_once(1, 1, 1, tmp_path) <= min(4, PROCESSORS)


@pytest.mark.parametrize(("processors", "lanes", "expected"), [(1, 4, 1), (2, 4, 1), (5, 4, 1), (6, 4, 2), (64, 4, 4)])
def test_hashes_at_once_have_a_processor_for_each_lane_and_leave_one_to_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int, lanes: int, expected: int
) -> None:
    monkeypatch.setattr(capacity, "processors", lambda: processors)
    assert capacity.hashes_at_once(1, lanes, 1, tmp_path) == expected


def _machine(root: Path, group: str, limits: dict[str, str]) -> Path:
    for name, text in {"proc/self/cgroup": group, **{f"sys/fs/cgroup/{file}": limits[file] for file in limits}}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root
