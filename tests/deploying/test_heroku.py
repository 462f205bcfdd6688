"""Procfile, .python-version and app.json against what Heroku makes of them (platforms.py)."""

import json
import re
from typing import Any

from deploying import platforms
from deploying.commands import ROOT, ours_in, parses, procfile
from structure.files import tracked

from webapp.database import POOL_SIZE
from webapp.settings import Settings

APP: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
VARIABLES: dict[str, dict[str, Any]] = APP["env"]
# Read by libpq, not by us.
FOREIGN = {"PGSSLMODE"}


def environment() -> dict[str, str]:
    """Put together what a dyno gets: what app.json sets, what was made and asked, what add-ons and router add."""
    fixed = {name: variable["value"] for name, variable in VARIABLES.items() if "value" in variable}
    made = {name: platforms.HEROKU_SECRET for name, variable in VARIABLES.items() if variable.get("generator")}
    return {**fixed, **made, **platforms.HEROKU_ASKED, **platforms.HEROKU_ENVIRONMENT}


def test_procfile_migrates_and_serves():
    assert {kind: list(ours_in(command)) for kind, command in procfile().items()} == {
        "release": [["migrate"]],
        "web": [["serve"]],
    }
    assert all(parses(words) for command in procfile().values() for words in ours_in(command))


def test_python_version_is_one_that_both_platforms_keep_patched():
    version = (ROOT / ".python-version").read_text()
    assert version.removesuffix("\n") in platforms.PYTHON_VERSIONS
    project = (ROOT / "pyproject.toml").read_text()
    (least,) = re.findall(r'^requires-python = ">=(\d+)\.(\d+)"', project, re.MULTILINE)
    assert tuple(map(int, version.split("."))) >= tuple(map(int, least))


def test_there_is_exactly_one_lock_and_it_has_hashes_and_no_address():
    assert [path.name for path in tracked() if path.parent == ROOT and path.name in platforms.LOCKS] == [
        "requirements.txt"
    ]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    # Each requirement goes on in the next line, where its hashes are. Options, such as an index, would begin one.
    begun = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert begun
    assert all(re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ (; .+ )?\\", line) for line in begun)


def test_app_json_has_only_keys_that_heroku_knows():
    assert set(APP) <= platforms.HEROKU_KEYS
    assert re.fullmatch(r"[a-zA-Z_.-]{1,30}", APP["name"])
    assert [name for name, each in VARIABLES.items() if not set(each) <= platforms.HEROKU_VARIABLE_KEYS] == []
    assert [each for each in APP["addons"] if not set(each) <= platforms.HEROKU_ADDON_KEYS] == []
    assert APP["buildpacks"] == [{"url": "heroku/python"}]
    assert {each["size"] for each in APP["formation"].values()} <= platforms.HEROKU_SIZES
    assert set(APP["formation"]) == set(procfile()) - {"release"}


def test_every_variable_says_what_it_is_for_and_has_one_source():
    for name, variable in VARIABLES.items():
        assert len(variable["description"]) > 40, name
        assert len({"value", "generator", "required"} & set(variable)) == 1, name
        assert isinstance(variable.get("value", ""), str), name


def test_app_json_brings_the_smallest_stores_that_are_sold():
    assert {each["plan"] for each in APP["addons"]} == {platforms.HEROKU_POSTGRES, platforms.HEROKU_REDIS}


def test_environment_of_a_dyno_is_accepted():
    settings = Settings.from_env(environment())
    assert settings.production
    assert settings.trusted_proxy == "heroku"
    assert settings.public_url == "https://gatehouse-7a1b2c3d4e5f.herokuapp.com"
    assert settings.redis_url.startswith("rediss://")
    assert not settings.redis_tls_verify


def test_every_variable_is_a_setting():
    read = {"DATABASE_URL", "REDIS_URL", "PORT", *VARIABLES} - FOREIGN
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert read <= known


def test_connections_of_two_deployments_side_by_side_fit_the_smallest_stores():
    settings = Settings.from_env(environment())
    dynos = APP["formation"]["web"]["quantity"] * platforms.SIDE_BY_SIDE
    processes = dynos * settings.web_concurrency
    assert processes * POOL_SIZE <= platforms.HEROKU_POSTGRES_CONNECTIONS
    # Some are left for the operator: doctor, redis:cli, and Heroku's own look at it.
    assert processes * settings.redis_connections <= platforms.HEROKU_REDIS_CONNECTIONS - 4


def test_button_asks_for_what_only_people_know():
    assert {name for name, variable in VARIABLES.items() if variable.get("required")} == set(platforms.HEROKU_ASKED)
