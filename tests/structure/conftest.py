"""The site that these tests walk through."""

from pathlib import Path

import pytest


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Send mail: some pages and pieces are there, and some acts possible, only where that is done."""
    return {**environ, "MAIL_URL": f"file://{tmp_path}"}
