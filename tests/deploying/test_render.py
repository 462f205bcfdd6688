"""render.yaml against what Render makes of it (platforms.py)."""

import shlex
import subprocess
from typing import Any

import pytest
import yaml
from deploying import platforms
from deploying.commands import ROOT, ours_in, parses
from structure.routes import routes

from webapp.settings import Settings
from webapp.web.proxies import HEALTH_PATHS

BLUEPRINT: dict[str, Any] = yaml.safe_load((ROOT / "render.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = {service["type"]: service for service in BLUEPRINT["services"]}
WEB, KEYVALUE = SERVICES["web"], SERVICES["keyvalue"]
(DATABASE,) = BLUEPRINT["databases"]
COMMANDS = ("preDeployCommand", "startCommand")


def environment() -> dict[str, str]:
    """Put together what an instance gets."""
    return {each["key"]: _value(each) for each in WEB["envVars"]} | platforms.RENDER_ENVIRONMENT


def _value(variable: dict[str, Any]) -> str:
    match variable:
        case {"value": str(value)}:
            return value
        case {"generateValue": True}:
            return platforms.RENDER_SECRET
        case {"fromService": {"type": "keyvalue", "name": name, "property": "connectionString"}}:
            assert name == KEYVALUE["name"]
            return platforms.RENDER_STRINGS["keyvalue"]
        case {"fromDatabase": {"name": name, "property": "connectionString"}}:
            assert name == DATABASE["name"]
            return platforms.RENDER_STRINGS["database"]
    pytest.fail(f"{variable} has a source that these tests do not know")


def as_its_shell_would(command: str, environment: dict[str, str]) -> dict[str, str]:
    """Run one of our commands with ``env`` in the place of Python, to see the environment that the shell makes."""
    shown = command[: command.index("python -m webapp")] + "env -0"
    words = ["sh", "-c", shown]
    output = subprocess.run(words, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, check=True).stdout
    return dict(line.split("=", 1) for line in output.decode().split("\0") if line)


def test_blueprint_has_only_keys_that_render_knows():
    assert set(BLUEPRINT) <= platforms.RENDER_ROOT_KEYS
    assert set(WEB) <= platforms.RENDER_WEB_KEYS
    assert set(KEYVALUE) <= platforms.RENDER_KEYVALUE_KEYS
    assert set(DATABASE) <= platforms.RENDER_DATABASE_KEYS
    assert len(SERVICES) == len(BLUEPRINT["services"])


def test_all_parts_lie_in_one_region_and_have_plans_that_are_sold():
    assert {part["region"] for part in (WEB, KEYVALUE, DATABASE)} <= platforms.RENDER_REGIONS
    assert len({part["region"] for part in (WEB, KEYVALUE, DATABASE)}) == 1
    assert WEB["runtime"] == "python"
    # Free: an instance that sleeps, a store that forgets, a database that ends.
    assert {WEB["plan"], KEYVALUE["plan"]} <= platforms.RENDER_PLANS - {"free"}
    assert DATABASE["plan"] in platforms.RENDER_DATABASE_PLANS - {"free"}


def test_store_evicts_nobody_and_neither_store_can_be_reached_from_outside():
    assert KEYVALUE["maxmemoryPolicy"] == "noeviction"
    assert (KEYVALUE["ipAllowList"], DATABASE["ipAllowList"]) == ([], [])


def test_build_takes_the_lock_as_it_is():
    assert shlex.split(WEB["buildCommand"]) == ["pip", "install", "--require-hashes", "-r", "requirements.txt"]
    assert (ROOT / "requirements.txt").exists()


def test_commands_are_ours():
    assert [list(ours_in(WEB[name])) for name in COMMANDS] == [[["migrate"]], [["serve"]]]
    assert all(parses(words) for name in COMMANDS for words in ours_in(WEB[name]))


def test_health_check_needs_neither_host_nor_stores():
    assert WEB["healthCheckPath"] in HEALTH_PATHS & {route.rule for route in routes()}
    assert WEB["healthCheckPath"] != "/readyz"


def test_time_to_stop_is_one_that_render_gives():
    assert WEB["maxShutdownDelaySeconds"] in platforms.RENDER_SHUTDOWN


def test_environment_has_one_value_for_each_name_and_no_secret_in_it():
    keys = [variable["key"] for variable in WEB["envVars"]]
    assert len(set(keys)) == len(keys)
    fixed = {variable["key"] for variable in WEB["envVars"] if "value" in variable}
    assert fixed & {"SECRET_KEY", "REDIS_URL", "DATABASE_URL", "PUBLIC_URL"} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_environment_of_an_instance_is_accepted(name: str):
    settings = Settings.from_env(as_its_shell_would(WEB[name], environment()))
    assert settings.production
    assert settings.trusted_proxy == "render"
    assert settings.public_url == platforms.RENDER_ENVIRONMENT["RENDER_EXTERNAL_URL"]


@pytest.mark.parametrize("name", COMMANDS)
def test_domain_of_ones_own_counts(name: str):
    own = {"PUBLIC_URL": "https://example.com"}
    settings = Settings.from_env(as_its_shell_would(WEB[name], environment() | own))
    assert settings.public_url == "https://example.com"


def test_connections_of_two_deployments_side_by_side_fit_the_store():
    settings = Settings.from_env(as_its_shell_would(WEB["startCommand"], environment()))
    most = platforms.SIDE_BY_SIDE * settings.web_concurrency * settings.redis_connections
    assert most <= platforms.RENDER_KEYVALUE_CONNECTIONS[KEYVALUE["plan"]] // 2
