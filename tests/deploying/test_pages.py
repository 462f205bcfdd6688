"""The pages of docs/deploying: what they tell people to type exists, and is written so that a shell can read it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from deploying import linux, platforms
from deploying.commands import ROOT, ours_in, parses
from deploying.test_heroku import VARIABLES

FOLDER = ROOT / "docs" / "deploying"
PAGES = sorted(FOLDER.glob("*.md"))
# Every page answers these, in this order.
QUESTIONS = (
    *("From fork to signed in", "Check", "Mail", "Update", "Change the secret key", "Scale", "Back up", "domain"),
    "What goes wrong, and how it shows",
)
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
FILLED_IN_BY_THE_SHELL = re.compile(r"\$\([^)]*\)|\$\{[^}]*\}")
SET = re.compile(r"(?<![\w-])([A-Z][A-Z_]{3,})=")
SETTINGS = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
# Set by other names than ours: libpq's, and what systemd calls its properties.
OTHERS = {"PGSSLMODE"}
# The commands of Heroku's own program that the pages use, as its documentation (heroku/cli: docs/) has them.
HEROKU = {
    *("create", "open", "run", "rollback", "logs", "releases:output", "apps:info", "ps:scale", "domains:add"),
    *("addons:create", "addons:upgrade", "config:set", "config:get", "config:unset", "certs:auto", "certs:auto:enable"),
    *("redis:info", "redis:cli", "redis:maxmemory", "pg:info", "pg:backups:schedule", "pg:backups:capture"),
}

each_page = pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])


def blocks(page: Path) -> Iterator[str]:
    """Give every block that is meant for a shell."""
    for indent, text in BLOCK.findall(page.read_text()):
        yield dedent(indent + text if not text.startswith(indent) else text)


def test_there_is_a_page_for_each_place_and_the_readme_leads_there():
    assert [page.stem for page in PAGES] == ["heroku", "linux", "render"]


@each_page
def test_page_answers_what_an_operator_asks(page: Path):
    titles = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert len(titles) == len(QUESTIONS)
    assert all(question in title for question, title in zip(QUESTIONS, titles, strict=True))


@each_page
def test_commands_of_ours_exist_with_these_arguments(page: Path):
    called = list(ours_in(FILLED_IN_BY_THE_SHELL.sub("https://example.com", page.read_text())))
    assert ["doctor", "--request"] in [words[:2] for words in called]
    assert [words for words in called if not parses(words)] == []


@each_page
def test_blocks_are_read_by_a_shell(page: Path):
    found = list(blocks(page))
    assert found
    for block in found:
        read = subprocess.run(["/bin/sh", "-n"], input=block, capture_output=True, text=True, check=False)
        assert (read.returncode, read.stderr) == (0, ""), block


@each_page
def test_settings_that_are_named_exist(page: Path):
    named = set(SET.findall(page.read_text()))
    assert named - SETTINGS - OTHERS == set()


@each_page
def test_links_and_files_lead_somewhere(page: Path):
    text = page.read_text()
    assert [link for link in LINK.findall(text) if not (FOLDER / link).exists()] == []
    named = set(re.findall(r"docs/deploying/[\w./]+\w", text))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_commands_of_heroku_exist():
    text = (FOLDER / "heroku.md").read_text()
    used = set(re.findall(r"(?:^|[`( ])heroku ([a-z][a-z:]+)", "\n".join([*blocks(FOLDER / "heroku.md"), text])))
    assert used <= HEROKU | {"main"}


def test_page_of_heroku_sets_what_app_json_sets():
    (setting,) = [block for block in blocks(FOLDER / "heroku.md") if "TRUSTED_PROXY" in block]
    written = dict(re.findall(r"([A-Z_]+)=(\S+)", setting))
    # What need not be given stands in sections of its own.
    assert set(written) == {name for name, variable in VARIABLES.items() if variable.get("required", True)}
    fixed = {name: variable["value"] for name, variable in VARIABLES.items() if "value" in variable}
    assert {name: written[name] for name in fixed} == fixed
    text = (FOLDER / "heroku.md").read_text()
    assert platforms.HEROKU_POSTGRES in text
    assert platforms.HEROKU_REDIS in text


def test_table_of_connections_is_computed_right():
    rows = re.findall(
        r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", (FOLDER / "heroku.md").read_text(), re.MULTILINE
    )
    assert ("mini", str(platforms.HEROKU_REDIS_CONNECTIONS), "1", "2", VARIABLES["REDIS_CONNECTIONS"]["value"]) in rows
    for _, limit, dynos, processes, connections in rows:
        assert int(connections) == (int(limit) - 4) // (platforms.SIDE_BY_SIDE * int(dynos) * int(processes))


def test_every_file_for_linux_is_installed_by_its_page():
    text = (FOLDER / "linux.md").read_text()
    kept = [path.name for path in linux.FILES.iterdir()]
    assert [name for name in kept if f"install -m 600 docs/deploying/linux/{name}" not in text
            and f"install -m 644 docs/deploying/linux/{name}" not in text] == []  # fmt: skip
    # Only root may read the one with the secret.
    assert "install -m 600 docs/deploying/linux/environment" in text
