"""Mails as files."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from mail_entries import CREATED, TO

from webapp.mail.errors import MailNotSent
from webapp.mail.files import FileTransport
from webapp.mail.message import Mail

MAIL = Mail("abc_-1", CREATED, "hello@gatehouse.test", TO, utf8=False, content=b"Subject: Here\r\n\r\nHello\r\n")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def a_file(path: Path) -> Path:
    path.touch()
    return path


async def test_mail_is_a_file_for_this_user_alone(tmp_path: Path):
    folder = tmp_path / "new" / "mail"
    await FileTransport(folder).send(MAIL)
    (path,) = folder.iterdir()
    assert path.name == "20261120T140200.000000Z-abc_-1.eml"
    assert path.read_bytes() == MAIL.content
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_names_sort_by_time(tmp_path: Path):
    later = replace(MAIL, id="ABC", created=CREATED + timedelta(microseconds=1))
    for mail in (later, MAIL):
        await FileTransport(tmp_path).send(mail)
    assert [name[-10:] for name in names_in(tmp_path)] == ["abc_-1.eml", "1Z-ABC.eml"]


async def test_same_mail_again_replaces_its_file(tmp_path: Path):
    await FileTransport(tmp_path).send(MAIL)
    await FileTransport(tmp_path).send(replace(MAIL, content=b"again"))
    (name,) = names_in(tmp_path)
    assert (tmp_path / name).read_bytes() == b"again"


async def test_id_cannot_lead_out_of_the_folder(tmp_path: Path):
    await FileTransport(tmp_path / "mail").send(replace(MAIL, id="../../x"))
    assert names_in(tmp_path / "mail") == ["20261120T140200.000000Z-______x.eml"]


async def test_mail_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(MailNotSent, match="no space left"):
        await FileTransport(tmp_path).send(MAIL)
    assert [name for name in names_in(tmp_path) if name.endswith(".eml")] == []


async def test_folder_that_is_a_file_is_told(tmp_path: Path):
    folder = a_file(tmp_path / "mail")
    with pytest.raises(MailNotSent, match="the folder cannot be written: file exists"):
        await FileTransport(folder).send(MAIL)
