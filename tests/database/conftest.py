"""A database of each kind, on which no step was done yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from webapp.database import read_url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database without any tables; SQLite's folder is missing, too."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / '100%' / 'bare.sqlite3'}"
    url: str = request.getfixturevalue("bare_postgresql_url")
    return url


@pytest.fixture
def bare_engine(bare_url: str) -> Iterator[Engine]:
    """Connect to it, without a file or table being made."""
    url = read_url(bare_url)
    bare_engine = create_engine(url.set(drivername="sqlite") if "sqlite" in url.drivername else url)
    yield bare_engine
    bare_engine.dispose()
