"""A mail server that has the mail and says nothing of it: whoever asks again too soon sends the mail again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from asgi_calls import settings
from mail_entries import PUBLIC_URL, TO, entry_of, token_of
from mail_sending import OWN_HOST, Serve, send
from outbox.world import DAY, MINUTE, NOW, PATIENCE, Clock, Lines, claim_one, count, end, held, logged
from smtp_server import SmtpServer
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp import wiring
from webapp.accounts.passwords import PasswordHasher
from webapp.database import waiting
from webapp.mail import Mailer, MailNotSent, PerhapsSent, mailer, smtp
from webapp.mail.smtp import Server, SmtpTransport
from webapp.outbox import Entry, Outbox, Runner, Timings
from webapp.outbox.attempts import Attempts
from webapp.wiring import connect_services

LEASE = timedelta(seconds=60)
NO_ANSWER = "the mail was handed over, but the server did not answer in time"
LOST = "the mail was handed over, but the connection to the server was lost"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    with logged() as lines:
        yield lines


def mailer_to(server: SmtpServer) -> Mailer:
    transport = SmtpTransport(Server.at(server.url), OWN_HOST)
    return Mailer(transport, token_of, public_url=PUBLIC_URL, mail_from="hello@gatehouse.test")


def owed() -> Entry:
    return replace(entry_of("password-changed"), due=NOW, until=NOW + DAY)


async def doubt_of(server: SmtpServer) -> str:
    """Send until the server is asked to take the mail; on a busy machine it may be too late with something before."""
    while "BODY" not in server.asked:
        with suppress(MailNotSent):
            try:
                await send(server.url)
            except PerhapsSent as doubt:
                return doubt.reason
    raise AssertionError("The server was asked to take the mail, and there is no doubt.")


async def handed_over(server: SmtpServer) -> asyncio.Task[None]:
    """Send in the same way; return what waits for the answer."""
    while True:
        sending = asyncio.create_task(send(server.url))
        while not sending.done():
            await asyncio.wait({sending}, timeout=0.01)
            if server.received:
                return sending
        assert isinstance(sending.exception(), MailNotSent)


async def test_answer_to_the_mail_is_waited_for_longer_than_any_other(serve: Serve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp, "TIME_FOR_AN_ANSWER", 0.4)
    monkeypatch.setattr(smtp, "TIME_TO_HAND_OVER", 0.4)
    server = serve(hang_at="ANSWER")
    sending = await handed_over(server)
    await asyncio.wait({sending}, timeout=1)
    assert not sending.done()
    server.hang_at = ""
    await sending
    assert len(server.received) == 1


@pytest.mark.parametrize("stage", ["BODY", "ANSWER"])
async def test_server_that_says_nothing_of_the_mail_may_have_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, stage: str
):
    monkeypatch.setattr(smtp, "TIME_TO_TAKE_IT", 0.1)
    assert await doubt_of(serve(hang_at=stage)) == NO_ANSWER


@pytest.mark.parametrize("stage", ["BODY", "ANSWER"])
async def test_server_that_hangs_up_with_the_mail_may_have_it(serve: Serve, stage: str):
    assert await doubt_of(serve(drop_at=stage)) == LOST


async def test_every_answer_that_begins_with_two_says_that_it_is_taken(serve: Serve):
    server = serve(refuse={"ANSWER": "252 2.0.0 We shall see"})
    await send(server.url)
    assert len(server.received) == 1


async def test_mail_whose_answer_is_late_is_sent_once(serve: Serve, engine: AsyncEngine, clock: Clock):
    server = serve(hang_at="ANSWER")
    outbox, other = Outbox(engine, clock), Outbox(engine, clock)
    timings = Timings(poll=0.01, finish=PATIENCE, lease=60, renewal=0.01, patience=mailer.PATIENCE)
    runners = [Runner(each, {"mail": mailer_to(server).send}, timings=timings) for each in (outbox, other)]
    for runner in runners:
        runner.start()
    await outbox.add(owed())
    await server.arrived(TO)
    for _ in range(5):
        clock.now += 0.9 * LEASE
        await held(engine, clock.now + LEASE)
        outbox.wake()
        other.wake()
        await asyncio.sleep(0.05)
    server.hang_at = ""
    async with asyncio.timeout(PATIENCE):
        while await count(engine):  # noqa: ASYNC110 - the database tells nobody.
            await asyncio.sleep(0.01)
    await end(*runners)
    assert len(server.received) == 1


async def test_mail_that_was_perhaps_sent_is_sent_three_times_at_most(
    serve: Serve, engine: AsyncEngine, clock: Clock, lines: Lines
):
    server, outbox = serve(drop_at="ANSWER"), Outbox(engine, clock)
    attempts = Attempts(outbox, {"mail": mailer_to(server).send})
    await outbox.add(owed())
    while await count(engine):
        await attempts.make(await claim_one(outbox), asyncio.get_running_loop().time() + PATIENCE)
        if due := await outbox.next_due(["mail"]):
            assert due - clock.now >= 27 * MINUTE
            clock.now = due
    assert len(server.received) == 3
    assert len({each.message["Message-ID"] for each in server.received}) == 1
    assert lines.warnings[-1] == f"Gave up mail password-changed (no account): {LOST}."


def test_runner_is_more_patient_than_any_mail_takes():
    longest = smtp.TIME_TO_HAND_OVER + smtp.TIME_TO_TAKE_IT + smtp.TIME_FOR_GOODBYE
    assert longest + waiting.DEADLINE < mailer.PATIENCE


async def test_mails_are_sent_with_that_patience(
    redis_url: str, sqlite_url: str, cheap_hasher: Callable[[], PasswordHasher]
):
    mails = {"MAIL_URL": "smtp://localhost", "MAIL_FROM": "hello@gatehouse.test"}
    chosen = settings(REDIS_URL=redis_url, DATABASE_URL=sqlite_url, **mails)
    async with connect_services(chosen, cheap_hasher()) as services:
        patience = [runner._timings.patience for runner in wiring._runners(chosen, services)]
    assert patience[-1] == mailer.PATIENCE > max(patience[:-1])
