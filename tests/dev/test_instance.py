"""What a development run fills in."""

from pathlib import Path

from webapp.dev.instance import environment
from webapp.setting_addresses import mail_folder
from webapp.settings import Settings


def test_mail_goes_into_the_instance_whatever_its_path_is_called(tmp_path: Path):
    folder = tmp_path / "a folder, 100% ?#ä"
    folder.mkdir()
    filled = environment({"REDIS_URL": "redis://localhost"}, folder)
    assert Settings.from_env(filled).mail_url == filled["MAIL_URL"]
    assert mail_folder(filled["MAIL_URL"]) == folder / "mail"


def test_mail_server_that_somebody_names_is_kept(tmp_path: Path):
    assert environment({"MAIL_URL": "smtp://localhost:1025"}, tmp_path)["MAIL_URL"] == "smtp://localhost:1025"
