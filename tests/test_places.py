"""Places of addresses, from a file that the operator may name in GEOIP_DB."""

import logging
from pathlib import Path
from typing import Any

import pytest
from place_files import BERLIN, GERMANY, write_places

from webapp.errors import SettingsError
from webapp.places import Places, open_places
from webapp.settings import Settings

DEVELOPMENT = {"SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "REDIS_URL": "redis://localhost"}
SINGAPORE = {"city": {"names": {"en": "Singapore"}}, "country": {"names": {"en": "Singapore"}}}
HERE = "192.0.2.7"


def settings(path: Path | str) -> Settings:
    return Settings.from_env({**DEVELOPMENT, "GEOIP_DB": str(path)})


def place_in(tmp_path: Path, record: Any, address: str = HERE) -> str:  # noqa: ANN401  (whatever a file holds)
    """Look ``address`` up in a file that has ``record`` for the network of HERE."""
    places = open_places(settings(write_places(tmp_path / "places.mmdb", {"192.0.2.0/24": record})))
    found = places.place_of(address)
    places.close()
    return found


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (BERLIN, "Berlin, Germany"),
        (GERMANY, "Germany"),
        (SINGAPORE, "Singapore"),
        ({"city": {"names": {"en": "Berlin"}}}, "Berlin"),
        ({"country": {"names": {"de": "Deutschland"}}}, ""),
        ({"country": "Germany", "city": {"names": ["Berlin"]}}, ""),
        ({"country": {"names": {"en": 49}}}, ""),
        ("Germany", ""),
        ({}, ""),
    ],
)
def test_address_has_the_city_and_the_country_that_the_file_knows(tmp_path: Path, record: object, place: str):
    assert place_in(tmp_path, record) == place


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost",
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "203.0.113.9",
        "2001:db8::1",
        "192.0.2.0/24",
        "\0",
        "\ud800",
        "1" * 999,
    ],
)
def test_address_that_is_not_in_the_file_or_none_at_all_has_no_place(tmp_path: Path, address: str):
    assert place_in(tmp_path, BERLIN, address) == ""


def test_address_of_ipv6_is_found_too_and_has_no_place_in_a_file_without_them(tmp_path: Path):
    path = tmp_path / "places.mmdb"
    assert (
        open_places(settings(write_places(path, {"2001:db8::/32": BERLIN}))).place_of("2001:db8::7")
        == "Berlin, Germany"
    )
    assert open_places(settings(write_places(path, {"192.0.2.0/24": BERLIN}, 4))).place_of("2001:db8::7") == ""


def test_place_stays_as_short_as_a_line(tmp_path: Path):
    assert place_in(tmp_path, {"city": {"names": {"en": "a" * 1000}}}) == "a" * 100


def test_without_a_file_nobody_is_anywhere():
    places = open_places(Settings.from_env(DEVELOPMENT))
    assert places.place_of(HERE) == ""
    places.close()


def test_nothing_is_told_once_the_file_was_closed(tmp_path: Path):
    places = open_places(settings(write_places(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN})))
    places.close()
    places.close()
    assert places._reader is not None
    assert places._reader.closed
    assert places.place_of(HERE) == ""


def test_damaged_file_has_no_places_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = write_places(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN})
    whole = path.read_bytes()
    # Records stand between a gap in zeros, which ends the tree that leads to them, and what the file says of itself.
    start, end = whole.index(b"DcityEnames"), whole.rindex(b"\xab\xcd\xefMaxMind.com")
    path.write_bytes(whole[:start] + b"\xff" * (end - start) + whole[end:])
    with caplog.at_level(logging.WARNING):
        assert open_places(settings(path)).place_of(HERE) == ""
    assert "GEOIP_DB" in caplog.text


def test_file_may_be_replaced_while_it_is_open(tmp_path: Path):
    path = write_places(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN})
    places = open_places(settings(path))
    write_places(tmp_path / "newer.mmdb", {"192.0.2.0/24": GERMANY}).replace(path)
    assert places.place_of(HERE) == "Berlin, Germany"
    assert open_places(settings(path)).place_of(HERE) == "Germany"


@pytest.mark.parametrize("content", [None, b"", b"PK\3\4 a zip archive", b"\xab\xcd\xefMaxMind.com", "a folder"])
def test_file_that_is_none_or_cannot_be_read_is_a_fault_in_words(tmp_path: Path, content: bytes | str | None):
    path = tmp_path / "places.mmdb"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(SettingsError) as raised:
        settings(path)
    (fault,) = raised.value.faults
    assert fault.startswith(f"GEOIP_DB is '{path}'; name a file in MaxMind's format, .mmdb (")
    assert ("No such file" in fault) == (content is None)


def test_setting_is_optional_and_keeps_the_path(tmp_path: Path):
    path = write_places(tmp_path / "places.mmdb", {"192.0.2.0/24": BERLIN})
    assert Settings.from_env(DEVELOPMENT).geoip_db is None
    assert settings(path).geoip_db == path
    assert Places().place_of(HERE) == ""
