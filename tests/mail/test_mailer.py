"""Entries of the outbox become mails."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from asgi_calls import settings
from mail_entries import CREATED, LETTERS, PUBLIC_URL, TO, TOKEN, entry_of, token_of
from smtp_server import SmtpServer, link_in, part_of

from webapp.mail import Mailer, MailNotSent, Undeliverable, open_mailer
from webapp.mail.message import Mail
from webapp.outbox.errors import GiveUp

PATHS = {
    "confirm-email": "/confirm-email/",
    "confirm-new-email": "/confirm-email/",
    "reset-password": "/reset/",
    "email-restored": "/reset/",
    "email-changed": "/restore-email/",
    "new-sign-in": "/not-me/",
}


@dataclass
class Kept:
    """A transport that keeps what it is given."""

    mails: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


def mailer_to(kept: Kept) -> Mailer:
    return Mailer(kept, token_of, public_url=PUBLIC_URL, mail_from="Gatehouse <hello@gatehouse.test>")


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.mark.parametrize("letter", LETTERS)
async def test_entry_becomes_its_letter_with_its_link(kept: Kept, letter: str):
    with SmtpServer() as server:
        mailer = open_mailer(settings(MAIL_URL=server.url, MAIL_FROM="hello@gatehouse.test"), token_of)
        assert mailer
        await mailer.send(entry_of(letter))
    (message,) = server.wait_for(TO)
    if letter in PATHS:
        assert link_in(message) == f"{PUBLIC_URL}{PATHS[letter]}{TOKEN}"
    else:
        assert TOKEN not in part_of(message, "plain")
    assert '<h1 class="title"' in part_of(message, "html")


async def test_mail_is_known_by_its_entry(kept: Kept):
    entry = entry_of("erasure-done")
    for _ in range(2):
        await mailer_to(kept).send(entry)
    first, second = kept.mails
    assert first == second
    assert (first.id, first.created) == (entry.id, CREATED)
    assert message_from_bytes(first.content)["Message-ID"] == f"<{entry.id}@gatehouse.test>"


async def test_link_whose_key_is_gone_is_given_up(kept: Kept):
    with pytest.raises(Undeliverable, match="key that its link was made with is gone") as raised:
        await mailer_to(kept).send(entry_of("reset-password", seed="another"))
    assert isinstance(raised.value, GiveUp)
    assert kept.mails == []


async def test_address_that_is_none_is_given_up(kept: Kept):
    with pytest.raises(Undeliverable):
        await mailer_to(kept).send(entry_of("erasure-done", "a@b.test\nBcc: c@d.test"))
    assert kept.mails == []


async def test_letter_holds_neither_seed_nor_hash(kept: Kept):
    mailer = Mailer(kept, lambda *_: TOKEN, public_url=PUBLIC_URL, mail_from="hello@gatehouse.test")
    await mailer.send(entry_of("reset-password", seed="the-seed", hash="the-hash"))
    assert b"the-seed" not in kept.mails[0].content
    assert b"the-hash" not in kept.mails[0].content


def test_without_mail_url_there_is_no_mailer():
    assert open_mailer(settings(), token_of) is None


async def test_mail_goes_into_the_folder_that_mail_url_names(tmp_path: Path):
    mailer = open_mailer(settings(MAIL_URL=f"file://{tmp_path}/some%20mail"), token_of)
    assert mailer
    await mailer.send(entry_of("erasure-done"))
    assert len(list((tmp_path / "some mail").glob("*.eml"))) == 1


async def test_nothing_of_a_mail_is_in_the_log(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with SmtpServer(refuse={"RCPT": f"451 {TO} later"}) as server:
        mailer = open_mailer(settings(MAIL_URL=server.url, MAIL_FROM="hello@gatehouse.test"), token_of)
        assert mailer
        with pytest.raises(MailNotSent) as raised:
            await mailer.send(entry_of("reset-password"))
        server.refuse.clear()
        await mailer.send(entry_of("reset-password"))
    assert [told for told in (TO, TOKEN) if told in caplog.text + str(raised.value)] == []


async def test_date_and_words_are_those_of_the_moment_it_was_asked_for(kept: Kept):
    entry = entry_of("reset-password")
    await mailer_to(kept).send(entry)
    assert b"20 November 2026, 14:02 UTC" in kept.mails[0].content
    assert kept.mails[0].created - CREATED == timedelta()
