from collections.abc import Iterator

import pytest
from redis_connection.own import LONG_WAIT, PATIENT, Own

from webapp.redis_connection import clients, cluster, opening, silence


@pytest.fixture
def own() -> Iterator[Own]:
    """Start servers for this test alone."""
    with Own() as own:
        yield own


@pytest.fixture
def patient_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients that are opened afterwards wait for so long that any machine has done meanwhile what a test does."""
    for module in (clients, cluster):
        monkeypatch.setattr(module, "WAIT", LONG_WAIT)
    monkeypatch.setattr(opening, "TIMEOUT", PATIENT)
    monkeypatch.setattr(silence, "ANSWER_WITHIN", PATIENT)
