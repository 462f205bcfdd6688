"""Writes small files of places, in the form that GEOIP_DB takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # What mmdb-writer takes networks in.

# What real files have in many languages, and more beside it.
BERLIN = {
    "city": {"names": {"en": "Berlin", "fr": "Berlin"}},
    "country": {"names": {"en": "Germany", "fr": "Allemagne"}},
}
GERMANY = {"country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}}}


def write_places(path: Path, records: Mapping[str, Any], ip_version: int = 6) -> Path:
    """Write a file that knows ``records`` by networks, and return its path."""
    # A file of IPv6 has the addresses of IPv4 in it, as real ones do.
    writer = MMDBWriter(ip_version, "Test-City", languages=["en"], ipv4_compatible=ip_version == 6)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path
