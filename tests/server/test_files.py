"""How many connections and streams a process may have, by the limit on open files that it was given."""

import logging
import resource
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast
from unittest.mock import Mock

import pytest
from structure.routes import UNOPENED

from webapp import server
from webapp.server.files import OTHER_FILES, PLACES, connections_at_once, with_files_for_streams
from webapp.server.worker import Worker
from webapp.settings import Settings
from webapp.web.asgi import App

NO_LIMIT = resource.RLIM_INFINITY
ENOUGH = 100_000


@dataclass
class Limit:
    """The system's limit on open files."""

    soft: int
    hard: int
    refused_above: int = ENOUGH

    def get(self, _: int) -> tuple[int, int]:
        return self.soft, self.hard

    def set(self, _: int, limits: tuple[int, int]) -> None:
        if limits[0] > self.refused_above:
            # As macOS does, which has another bound that no limit tells of.
            raise ValueError("current limit exceeds maximum limit")
        assert limits[1] == self.hard, "Only root could raise it again."
        self.soft, self.hard = limits


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    limit = Limit(ENOUGH, ENOUGH)
    monkeypatch.setattr(resource, "getrlimit", limit.get)
    monkeypatch.setattr(resource, "setrlimit", limit.set)
    return limit


def wanting(streams: int) -> Settings:
    return replace(Settings.from_env(UNOPENED), session_streams=streams)


@pytest.mark.parametrize(
    ("files", "streams", "connections"),
    [
        (ENOUGH, 0, PLACES),
        (ENOUGH, 4000, PLACES + 4000),
        (NO_LIMIT, 4000, PLACES + 4000),
        (4096, 4000, 4096 - OTHER_FILES),
        (1024, 0, 1024 - OTHER_FILES),
        (256, 0, 128),
        (100, 0, 50),
    ],
)
def test_connections_leave_files_for_the_rest(limit: Limit, files: int, streams: int, connections: int):
    limit.soft = limit.hard = files
    assert connections_at_once(streams) == connections


@pytest.mark.parametrize("hard", [ENOUGH, NO_LIMIT])
def test_limit_is_raised_as_far_as_it_is_needed(limit: Limit, hard: int, caplog: pytest.LogCaptureFixture):
    limit.soft, limit.hard = 1024, hard
    assert with_files_for_streams(wanting(4000)).session_streams == 4000
    assert limit.soft == 4000 + PLACES + OTHER_FILES
    assert connections_at_once(4000) == 4000 + PLACES
    assert not caplog.records


@pytest.mark.parametrize("soft", [ENOUGH, NO_LIMIT])
def test_limit_that_is_high_enough_is_left_alone(limit: Limit, soft: int):
    limit.soft, limit.hard = soft, NO_LIMIT
    assert with_files_for_streams(wanting(4000)) == wanting(4000)
    assert limit.soft == soft


@pytest.mark.parametrize(
    ("hard", "streams"), [(4096, 4096 - OTHER_FILES - PLACES), (1024, (1024 - OTHER_FILES) // 2), (256, 64), (100, 25)]
)
def test_streams_are_fewer_where_pages_would_lack_files(
    limit: Limit, hard: int, streams: int, caplog: pytest.LogCaptureFixture
):
    """Beside all the streams there is room for as many pages as without any, or at least as many as streams."""
    caplog.set_level(logging.WARNING)
    limit.soft, limit.hard = min(hard, 256), hard
    settings = with_files_for_streams(wanting(4000))
    assert settings == wanting(streams)
    others = connections_at_once(settings.session_streams) - settings.session_streams
    assert others >= min(PLACES, streams)
    [line] = [record.getMessage() for record in caplog.records]
    assert "SESSION_STREAMS is 4000" in line
    assert f"room for {streams}." in line


def test_limit_that_cannot_be_raised_after_all_is_lived_with(limit: Limit):
    limit.soft, limit.hard, limit.refused_above = 256, NO_LIMIT, 256
    assert with_files_for_streams(wanting(4000)).session_streams == 64


def test_server_is_started_with_what_there_are_files_for(limit: Limit, monkeypatch: pytest.MonkeyPatch):
    """The application is told the same bound as the server, so that it refuses a stream before files run out."""
    started: list[Worker] = []

    def supervisor(work: Callable[..., int], *_: object) -> Mock:
        started.append(cast("Worker", work.__self__))  # type: ignore[attr-defined]  # A method of it.
        return Mock()

    monkeypatch.setattr(server, "Supervisor", supervisor)
    monkeypatch.setattr(server, "listen", lambda _: [])
    monkeypatch.setattr(server, "configure_logging", lambda **_: None)
    limit.soft = limit.hard = 1024
    server.serve(wanting(4000))
    [worker] = started
    assert worker._most == 1024 - OTHER_FILES
    assert cast("partial[App]", worker._build).args == (wanting(437),)
