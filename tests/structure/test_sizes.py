"""A file that grows too long is two files; a function that grows too long is several."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from structure.files import name_of, ours

FILE_LINES = 250
FUNCTION_LINES = 40


@pytest.mark.parametrize("suffix", [".py", ".html", ".css", ".js", ".lua", ".toml", ".svg"])
def test_no_file_is_too_long(suffix: str) -> None:
    files = ours(suffix)
    assert files
    assert [name_of(path) for path in files if _lines(path) > FILE_LINES] == []


def test_no_function_is_too_long() -> None:
    assert [where for path in ours(".py") for where, lines in _functions(path) if lines > FUNCTION_LINES] == []


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
