"""The log of the real server in production, as its platform collects it."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from gatehouse import Gatehouse
from log_lines import entries
from pages import PASSWORD, SESSION_COOKIE, new_email, token_in

HOST = "gatehouse.test"
CLIENT = "2001:db8::7"
# What Heroku's router adds, with what a client made up before it.
ROUTED = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": f"203.0.113.66, {CLIENT}"}
# Seconds. Argon2 on a busy machine takes its time.
PATIENCE = 30


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[Gatehouse]:
    """Run the server in production, in two processes that write into one log."""
    variables = {"APP_ENV": "production", "PUBLIC_URL": f"https://{HOST}", "TRUSTED_PROXY": "heroku"}
    server = Gatehouse(tmp_path, redis_url, WEB_CONCURRENCY="2", **variables)
    yield server
    server.stop()


@pytest.fixture
def client(server: Gatehouse) -> Iterator[httpx.Client]:
    """Come through the router."""
    with httpx.Client(base_url=server.url, headers=ROUTED, timeout=PATIENCE) as client:
        yield client


def line_of(server: Gatehouse, number: str) -> dict[str, Any]:
    """Return how a request ended; its line is written when its answer is on its way."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [entry for entry in entries(server.log()) if entry.get("request_id") == number and "status" in entry]
        if found or time.monotonic() > deadline:
            (entry,) = found
            return entry
        time.sleep(0.05)


def test_every_line_is_json_and_none_has_a_secret(server: Gatehouse, client: httpx.Client) -> None:
    email = new_email()
    token = token_in(client.get("/register").text)
    visitor = client.cookies.jar
    fields = {"csrf_token": token, "email": email, "name": "Ada", "password": PASSWORD}
    # The cookies are Secure, so a client that speaks plainly with us has to be told to send them.
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor)
    registered = client.post(f"/register?email={email}", data=fields, headers={"Cookie": cookies})
    assert registered.status_code == 303, server.log()
    session = registered.cookies[SESSION_COOKIE]
    dashboard = client.get("/dashboard", headers={"Cookie": f"{SESSION_COOKIE}={session}"})
    entry = line_of(server, dashboard.headers["X-Request-Id"])
    assert (
        entry.items()
        >= {
            "level": "info",
            "address": CLIENT,
            "method": "GET",
            "path": "/dashboard",
            "status": 200,
        }.items()
    )
    assert len(entry["account"]) == 22
    told = line_of(server, registered.headers["X-Request-Id"])
    assert (told["path"], told["account"]) == ("/register", entry["account"])
    secrets = {email, PASSWORD, token, session, *(cookie.value or "" for cookie in visitor)}
    assert [secret for secret in secrets if secret in server.log()] == []


def test_number_that_the_router_gave_is_found_in_the_log(server: Gatehouse, client: httpx.Client) -> None:
    number = "0f8fad5b-d9cb-469f-a165-70867728950e"
    answer = client.get("/no-such-page", headers={"X-Request-Id": number})
    assert answer.headers["X-Request-Id"] == number
    assert line_of(server, number)["status"] == 404


def test_refused_request_is_found_in_the_log(server: Gatehouse, client: httpx.Client) -> None:
    refused = client.get("/dashboard", headers={"Host": "elsewhere.test"})
    entry = line_of(server, refused.headers["X-Request-Id"])
    assert (entry["status"], entry["address"]) == (400, CLIENT)


def test_client_who_hangs_up_is_found_in_the_log(server: Gatehouse) -> None:
    number = "hangs-up-" + "0" * 16
    heads = {**ROUTED, "X-Request-Id": number, "Content-Length": "10", "Expect": "100-continue"}
    head = "\r\n".join(["POST /login HTTP/1.1", *(f"{name}: {value}" for name, value in heads.items()), "", ""])
    with socket.create_connection(("localhost", urlsplit(server.url).port)) as connection:
        connection.sendall(head.encode())
        # Gone before the server has read it, nothing would be seen of the request at all.
        connection.settimeout(PATIENCE)
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"a")
    entry = line_of(server, number)
    assert entry["status"] is None
    assert entry["message"].endswith("the client left")
