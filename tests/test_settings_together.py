"""Settings that are right alone and wrong together."""

from collections.abc import Mapping

import pytest

from webapp.errors import SettingsError
from webapp.settings import Settings

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "REDIS_URL": "redis://localhost",
    "DATABASE_URL": "postgres://db.example.com/gatehouse",
    "PUBLIC_URL": "https://gatehouse.example.com",
}


def faults_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(environ)
    return raised.value.faults


@pytest.mark.parametrize(
    "wrong",
    [
        {"SESSION_IDLE": "2d"},
        {"REMEMBER_IDLE": "100d"},
        {"SESSION_TOUCH": "1h"},
        {"PUBLIC_URL": "http://gatehouse.example.com"},
        {"TRUSTED_PROXY_NETWORKS": "10.0.0.0/8"},
    ],
)
def test_values_that_contradict_each_other_are_a_fault(wrong: dict[str, str]):
    (fault,) = faults_of(PRODUCTION | wrong)
    assert next(iter(wrong)) in fault


def test_contradictions_are_told_together_with_values_that_cannot_be_read():
    wrong = {"PORT": "many", "SESSION_IDLE": "2d", "PUBLIC_URL": "http://gatehouse.example.com"}
    assert sorted(fault.split()[0] for fault in faults_of(PRODUCTION | wrong)) == ["PORT", "PUBLIC_URL", "SESSION_IDLE"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"SESSION_IDLE": "soon", "SESSION_LIFETIME": "1s"},
        {"SESSION_LIFETIME": "soon", "SESSION_IDLE": "100d"},
        {"REMEMBER_IDLE": "soon", "REMEMBER_LIFETIME": "1s"},
        {"SESSION_TOUCH": "soon"},
        {"PUBLIC_URL": "gatehouse.example.com"},
        {"APP_ENV": "prod", "PUBLIC_URL": "http://gatehouse.example.com"},
        {"TRUSTED_PROXY": "yes", "TRUSTED_PROXY_NETWORKS": "10.0.0.0/8"},
        {"TRUSTED_PROXY_NETWORKS": "everywhere"},
    ],
)
def test_value_that_cannot_be_read_is_told_of_once_and_contradicts_nothing(wrong: dict[str, str]):
    (fault,) = faults_of(PRODUCTION | wrong)
    assert fault.startswith(next(iter(wrong)))
