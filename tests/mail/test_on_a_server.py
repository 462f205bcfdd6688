"""The real server and a real mail server: whatever dies in between, each mail arrives, and once."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from gatehouse import Gatehouse
from own_redis import SLOW, wait_until
from pages import PASSWORD, token_in
from smtp_server import SmtpServer, link_in

pytestmark = pytest.mark.timeout(SLOW)

ADA = "ada@example.test"
PLATFORMS_KILL_AFTER = 10


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def register(site: Gatehouse, email: str = ADA) -> None:
    with httpx.Client(base_url=site.url, timeout=SLOW) as client:
        token = token_in(client.get("/register").text)
        fields = {"csrf_token": token, "email": email, "name": "Ada Lovelace", "password": PASSWORD}
        assert client.post("/register", data=fields).status_code == 303


def waiting(folder: Path) -> list[tuple[str, int]]:
    """Give the entries that are not done, but for those that look after sessions: they stand as long as these live."""
    with closing(sqlite3.connect(folder / "accounts.sqlite3")) as db:
        return db.execute("SELECT kind, attempts FROM outbox WHERE kind <> 'watch'").fetchall()


def let_claims_run_out(folder: Path) -> None:
    """Do what a minute would do."""
    with closing(sqlite3.connect(folder / "accounts.sqlite3")) as db, db:
        db.execute("UPDATE outbox SET claimed_until = '2000-01-01 00:00:00.000000'")


def test_mail_of_a_server_that_was_killed_between_commit_and_sending_arrives_once_after_its_restart(
    tmp_path: Path, redis_url: str, smtp: SmtpServer
) -> None:
    smtp.hang_at = "CONNECT"
    site = Gatehouse(tmp_path, redis_url, MAIL_URL=smtp.url)
    register(site)
    wait_until(lambda: "CONNECT" in smtp.asked, "the mail to be under way")
    site.kill()
    assert [kind for kind, _ in waiting(tmp_path)] == ["mail"]
    assert smtp.messages == []

    smtp.hang_at = ""
    let_claims_run_out(tmp_path)
    site = Gatehouse(tmp_path, redis_url, MAIL_URL=smtp.url)
    (message,) = smtp.wait_for(ADA)
    wait_until(lambda: waiting(tmp_path) == [], "the outbox to be empty")
    with httpx.Client(timeout=SLOW) as client:
        assert client.get(link_in(message)).status_code == 200
    site.stop()
    assert len(smtp.messages) == 1


def test_mails_of_a_mail_server_that_was_away_arrive_once_when_it_is_back(
    tmp_path: Path, redis_url: str, smtp: SmtpServer
) -> None:
    smtp.stop()
    site = Gatehouse(tmp_path, redis_url, MAIL_URL=smtp.url)
    register(site)
    wait_until(lambda: waiting(tmp_path) == [("mail", 1)], "the first attempt")
    smtp.start()
    smtp.wait_for(ADA, seconds=SLOW)
    wait_until(lambda: waiting(tmp_path) == [], "the outbox to be empty")
    site.stop()
    assert len(smtp.messages) == 1
    assert ADA not in site.log()


def test_request_does_not_wait_for_a_mail_server_that_hangs(tmp_path: Path, redis_url: str, smtp: SmtpServer) -> None:
    smtp.hang_at = "EHLO"
    site = Gatehouse(tmp_path, redis_url, MAIL_URL=smtp.url)
    for number in range(3):
        register(site, f"{number}@example.test")
    # On a busy machine the first was left and is tried again by the time of the last.
    wait_until(lambda: smtp.asked.count("EHLO") >= 3, "all mails to be under way")
    assert len(waiting(tmp_path)) == 3
    # A stop does not wait for it either.
    assert site.stop() == 0


def test_stop_does_not_wait_for_the_answer_to_a_mail(tmp_path: Path, redis_url: str, smtp: SmtpServer) -> None:
    smtp.hang_at = "ANSWER"
    site = Gatehouse(tmp_path, redis_url, MAIL_URL=smtp.url)
    register(site)
    smtp.wait_for(ADA)
    begun = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - begun < PLATFORMS_KILL_AFTER
    # Nobody knows whether it was taken; its claim has to run out first.
    assert waiting(tmp_path) == [("mail", 1)]


def test_several_processes_send_each_mail_once(tmp_path: Path, redis_url: str, smtp: SmtpServer) -> None:
    site = Gatehouse(tmp_path, redis_url, MAIL_URL=smtp.url, WEB_CONCURRENCY="3")
    people = [f"{number}@example.test" for number in range(12)]
    for email in people:
        register(site, email)
    for email in people:
        smtp.wait_for(email)
    wait_until(lambda: waiting(tmp_path) == [], "the outbox to be empty")
    site.stop()
    assert sorted(message["To"] for message in smtp.messages) == sorted(people)
