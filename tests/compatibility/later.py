"""Versions to come: the migrations of today with made-up steps on top, in a folder of their own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

import pytest

from webapp.database import revisions

# The steps as they are, whatever a test puts in their place.
TODAY = revisions.MIGRATIONS
NEWEST = max(path.stem.split("_")[1] for path in (TODAY / "versions").glob("revision_*.py"))

STEP = '''
"""A step of a version to come."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
{marker}

def upgrade():
{body}
'''

Later = Callable[..., Path]


def with_steps(folder: Path, *bodies: str, marker: str = "") -> Path:
    """Copy the migrations to ``folder`` and add a step for each body; a ``marker`` stands in all of those."""
    shutil.copytree(TODAY, folder)
    before = NEWEST
    for body in bodies:
        revision = f"{int(before) + 1:04}"
        text = STEP.format(revision=revision, before=before, body=indent(body, "    "), marker=marker)
        (folder / "versions" / f"revision_{revision}_later.py").write_text(text)
        before = revision
    return folder


@contextmanager
def version(migrations: Path) -> Iterator[None]:
    """Be the version that has these migrations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revisions, "MIGRATIONS", migrations)
        revisions.known.cache_clear()
        yield
    revisions.known.cache_clear()
