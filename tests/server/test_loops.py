"""The operator chooses an event loop."""

from importlib.util import find_spec

import pytest
from gatehouse import SECRET

from webapp.__main__ import main
from webapp.server import loops


def test_loop_that_is_not_installed_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    settings = {"SECRET_KEY": SECRET, "REDIS_URL": "redis://localhost", "DATABASE_URL": "sqlite:///nowhere"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(loops, "find_spec", lambda name: None if name == "uvloop" else find_spec(name))
    assert main(["serve", "--loop", "uvloop"]) == 2
    said = capsys.readouterr()
    assert said.err == "The event loop uvloop is not installed: pip install uvloop, or leave --loop out.\n"
    assert said.out == ""


def test_unknown_loop_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--loop", "trio"])
    assert ended.value.code == 2
    assert "asyncio" in capsys.readouterr().err
