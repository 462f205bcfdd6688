"""What lies in static/vendor is what its README says, byte for byte, and nothing else."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|.*\| `(?P<sha256>[0-9a-f]{64})` \|$", re.MULTILINE)


def test_vendored_files_match_their_checksums():
    listed = _listed()
    assert listed
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in listed} == listed


def test_vendor_holds_nothing_unlisted():
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found - {"README.md"} == set(_listed())


def test_every_vendored_package_has_its_licence_beside_it():
    licensed = {name.removesuffix(".LICENSE.txt") for name in _listed() if name.endswith(".LICENSE.txt")}
    packages = {name.split(".")[0] for name in _listed()}
    assert packages == licensed


def _listed() -> dict[str, str]:
    return dict(ROW.findall((VENDOR / "README.md").read_text()))
