"""The site that these tests walk through."""

from pathlib import Path

import pytest

from webapp import wiring


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Send mail: some pages and pieces are there, and some acts possible, only where that is done."""
    return {**environ, "MAIL_URL": f"file://{tmp_path}"}


@pytest.fixture(autouse=True)
def nobody_does_what_is_owed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what requests owe, such as the mail about a new device, where a test compares what is written.

    That shall not change by itself. Others wait for what is owed, as one of them shows a mail that has come.
    """
    if "stores" in request.fixturenames:
        monkeypatch.setattr(wiring, "_runners", lambda *_: [])
