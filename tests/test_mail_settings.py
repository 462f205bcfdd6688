"""MAIL_URL and MAIL_FROM."""

from pathlib import Path

import pytest

from webapp.errors import SettingsError
from webapp.setting_addresses import mail_folder
from webapp.settings import Settings

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "REDIS_URL": "redis://localhost",
    "DATABASE_URL": "postgres://db.example.com/gatehouse",
    "PUBLIC_URL": "https://gatehouse.example.com",
    "MAIL_FROM": "Gatehouse <hello@example.com>",
}


def read(**variables: str) -> Settings:
    return Settings.from_env(PRODUCTION | variables)


def fault_of(**variables: str) -> str:
    with pytest.raises(SettingsError) as raised:
        read(**variables)
    (fault,) = raised.value.faults
    return fault


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.com",
        "smtp://mail.example.com:587/",
        "smtps://apikey:SG.a-b_c%2F%3F@mail.example.com:465",
        "smtp://ada%40example.com:p%C3%A4ss@mail_server",
        "smtp://[::1]:2525",
        "file:///var/mail/gatehouse",
        "file://instance/mail",
        "file:///var/some%20mail",
    ],
)
def test_mail_address_is_taken_in_each_form_of_the_readme(url: str):
    assert read(MAIL_URL=url).mail_url == url


def test_scheme_of_the_mail_address_is_read_without_case():
    assert read(MAIL_URL="SMTPS://mail.example.com").mail_url == "smtps://mail.example.com"


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("smtp://", "smtp://user:password@host:port"),
        ("smtp:///path", "smtp://user:password@host:port"),
        ("smtp://u:hunter2@", "smtp://user:password@host:port"),
        ("smtp://one,two", "smtp://user:password@host:port"),
        ("smtp://one two", "smtp://user:password@host:port"),
        ("smtp://größe.example", "smtp://user:password@host:port"),
        ("smtps://u:hunter2@mail.example.com:0", "smtps://user:password@host:port"),
        ("smtps://mail.example.com/inbox", "smtps://user:password@host:port"),
        ("smtps://mail.example.com?tls=1", "smtps://user:password@host:port"),
        ("smtps://u:12/hunter2@mail.example.com", "%-codes"),
        ("smtp://hunter2@mail.example.com", "only one of user and password"),
        ("smtp://:hunter2@mail.example.com", "only one of user and password"),
        ("smtp://u:hunter2%0d%0aQUIT@mail.example.com", "printable"),
        ("smtp://u:hunter2%00@mail.example.com", "printable"),
        ("smtp://u:hunter2@mail.example.com:70000", "can be read"),
        ("file://", "file:///path/to/folder"),
        ("file:///", "file:///path/to/folder"),
        ("file:mail", "file:///path/to/folder"),
        ("file:///mail?hunter2", "file:///path/to/folder"),
        ("file:///mail%00", "file:///path/to/folder"),
        ("file://~/mail", "whole path"),
        ("file://$HOME/mail", "whole path"),
    ],
)
def test_mail_address_that_would_fail_later_is_refused_without_its_secrets(url: str, right: str):
    fault = fault_of(MAIL_URL=url)
    assert fault.startswith("MAIL_URL")
    assert right in fault
    assert "hunter2" not in fault


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:///var/mail", "/var/mail"),
        ("file://localhost/var/mail", "/var/mail"),
        ("file://instance/mail", "instance/mail"),
        ("file:///var/some%20mail", "/var/some mail"),
    ],
)
def test_folder_is_the_one_that_is_written(url: str, folder: str):
    assert mail_folder(url) == Path(folder)


@pytest.mark.parametrize(
    "text",
    [
        "hello@example.com",
        "Gatehouse <hello@example.com>",
        '"Gate, house" <hello@example.com>',
        "Größe <ü@größe.example>",
    ],
)
def test_sender_is_an_address_with_a_name_or_alone(text: str):
    assert read(MAIL_FROM=text).mail_from == text


@pytest.mark.parametrize(
    "text",
    [
        "Gatehouse",
        "example.com",
        "hello@",
        "Gatehouse <hello@example.com",
        "a@example.com, b@example.com",
        "hello@example.com\nBcc: b@example.com",
        "Gate\r\nBcc: b@example.com <hello@example.com>",
        '"Gate\nhouse" <hello@example.com>',
        f"{'x' * 101} <hello@example.com>",
    ],
)
def test_sender_in_any_other_form_is_refused(text: str):
    fault = fault_of(MAIL_FROM=text)
    assert fault.startswith("MAIL_FROM")
    assert "Gatehouse <hello@example.com>" in fault


def test_mail_server_in_production_needs_a_sender_of_ones_own():
    fault = fault_of(MAIL_URL="smtp://mail.example.com", MAIL_FROM="")
    assert fault.startswith("MAIL_FROM is gatehouse@localhost")


@pytest.mark.parametrize(
    "variables", [{}, {"MAIL_URL": "file:///var/mail"}, {"MAIL_URL": "smtp://localhost", "APP_ENV": "development"}]
)
def test_sender_has_a_default_where_no_mail_server_is_asked_in_production(variables: dict[str, str]):
    assert read(**{"MAIL_FROM": "", **variables}).mail_from == "gatehouse@localhost"
