"""What the README says is so: settings and their defaults, commands, paths, rooms, pictures."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from structure.files import ROOT, ours, tracked
from structure.routes import UNOPENED, routes

import webapp
from webapp.errors import SettingsError
from webapp.settings import Settings

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
ROW = re.compile(r"^\| `([A-Z_]+)` \|([^|]*)\| [^|]+ \|$", re.MULTILINE)
# The README's word for values that `make run` provides and nobody else does.
MADE = "*made*"
LINKED = re.compile(r"\]\((?!https?:)([^)#]+)\)")
QUOTED = re.compile(r"`([^`\s]+)`")
PROMISED = re.compile(r"\bpromises? (\d+(?:, \d+)*(?: and \d+)?)")
# A file of tests as promises name it, and those of it that stand behind them; a file alone stands for all of its tests.
HELD_BY = re.compile(r"`([a-z0-9_]+(?:/[a-z0-9_]+)*)`((?:[:,]?\s+test_[a-z0-9_]+)*)")
FILE_ENDINGS = (".py", ".txt", ".md", ".toml", "/")
SETTINGS = ROW.findall(README)

each_setting = pytest.mark.parametrize(("name", "default"), SETTINGS)


class Asked(dict[str, str]):
    """An environment that remembers what was looked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # Settings asks for nothing else.
        self.names.add(name)
        return super().get(name, default)


def test_readme_lists_exactly_the_settings_that_are_read() -> None:
    environ = Asked(UNOPENED)
    Settings.from_env(environ)
    assert {name for name, _ in SETTINGS} == environ.names


@each_setting
def test_default_in_the_readme_is_the_default(name: str, default: str) -> None:
    plain = {other: value for other, value in UNOPENED.items() if other != name}
    if default.strip() == MADE:
        with pytest.raises(SettingsError, match=name):
            Settings.from_env(plain)
    elif value := default.strip().strip("`"):
        assert Settings.from_env({**plain, name: value}) == Settings.from_env(plain)
    else:
        assert not getattr(Settings.from_env(plain), name.lower())


def test_readme_names_every_make_target_and_no_other() -> None:
    targets = set(re.findall(r"^([a-z]+):.* ## ", MAKEFILE, re.MULTILINE)) - {"help"}
    assert set(re.findall(r"`make ([a-z]+)`", README)) == targets
    assert set(re.findall(r"^make ([a-z]+) ", README, re.MULTILINE)) <= targets


def test_readme_names_every_command_of_the_operator() -> None:
    source = (ROOT / "webapp" / "__main__.py").read_text()
    assert set(re.findall(r"python -m webapp ([a-z]+)", README)) == set(re.findall(r'add_parser\("([a-z]+)"', source))


def test_files_that_documents_name_exist() -> None:
    assert [f"{document}: {name}" for document, name in _named_files() if not _exists(name)] == []


def test_addresses_that_the_readme_names_are_routes() -> None:
    named = {name for name in QUOTED.findall(README) if re.fullmatch(r"/[a-z/-]+", name)}
    assert named <= {route.rule for route in routes()}


@pytest.mark.parametrize("plan", [README, webapp.__doc__ or ""], ids=["README", "webapp/__init__.py"])
def test_map_names_every_room(plan: str) -> None:
    missing = [name for name in _rooms() if not re.search(rf"\b{name}\b", plan)]
    assert missing == []


def test_promises_that_are_named_stand_in_their_page() -> None:
    page = (ROOT / "docs" / "promises.md").read_text()
    named = {name for path in ours(".py", ".md", ".html", ".lua") for name in PROMISED.findall(path.read_text())}
    numbers = {number for name in named for number in re.findall(r"\d+", name)}
    assert numbers
    assert numbers <= set(re.findall(r"^(\d+)\. ", page, re.MULTILINE))


def test_tests_that_a_promise_names_are_there() -> None:
    page = (ROOT / "docs" / "promises.md").read_text()
    named = [(name, re.findall(r"\btest_\w+", tests)) for name, tests in HELD_BY.findall(page) if name != "folder/name"]
    assert any(tests for _, tests in named)
    assert [name for name, tests in named if not _are_tests(name, tests)] == []


def test_pages_that_any_file_names_are_in_the_repository() -> None:
    texts = [path.read_text() for path in ours(".py", ".md", ".html", ".lua", ".toml")]
    named = {name for text in texts for name in re.findall(r"\b[A-Z]{4,}\.md\b", text)}
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_decisions_are_numbered_and_have_their_three_parts() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert pages
    for page in pages:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page.name)
        assert [part for part in ("Context", "Decision", "Consequences") if part not in page.read_text()] == []


def _named_files() -> Iterator[tuple[str, str]]:
    for document in ("README.md", "SECURITY.md", "CHANGELOG.md"):
        text = (ROOT / document).read_text()
        yield from ((document, name) for name in LINKED.findall(text))
        yield from ((document, name) for name in QUOTED.findall(text) if _is_file(name))


def _are_tests(name: str, tests: list[str]) -> bool:
    folder, _, file = name.rpartition("/")
    path = ROOT / "tests" / folder / f"test_{file}.py"
    return path.exists() and all(f"def {test}(" in path.read_text() for test in tests)


def _exists(name: str) -> bool:
    # A folder may be named without the one it stands in.
    return (ROOT / name).exists() or any(f"/{name}" in path.as_posix() for path in tracked() if name.endswith("/"))


def _is_file(name: str) -> bool:
    made_when_run = name.startswith(("instance/", ".venv"))
    pattern = name.startswith(("_", "/")) or "<" in name or "*" in name
    return name.endswith(FILE_ENDINGS) and "://" not in name and not made_when_run and not pattern


def _rooms() -> list[str]:
    parts = Path(webapp.__path__[0]).iterdir()
    return sorted(part.stem for part in parts if part.match("[a-z]*.py") or (part / "__init__.py").exists())
