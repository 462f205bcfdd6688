"""Requests for a page, with few headers and with as many as a browser behind a proxy sends."""

from http.client import HTTPConnection
from typing import Literal

from pages import FIREFOX

Heads = Literal["bare", "browser"]
HEADS: tuple[Heads, ...] = ("bare", "browser")
# Seventeen, with Host and Cookie.
BROWSER = (
    f"User-Agent: {FIREFOX}",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.8,fr;q=0.5",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-User: ?1",
    "Sec-CH-UA-Mobile: ?0",
    'Sec-CH-UA-Platform: "Windows"',
    "Upgrade-Insecure-Requests: 1",
    "Priority: u=0, i",
    "Connection: keep-alive",
    "X-Forwarded-For: 203.0.113.7",
    "X-Forwarded-Proto: https",
)
# Seconds in which a page that is asked for alone has to be there.
PATIENCE = 20


def request(port: int, path: str, cookie: str, heads: Heads) -> bytes:
    """Write a request for ``path``, with the ``cookie`` of somebody who is signed in; a visitor's is empty."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(BROWSER if heads == "browser" else ())]
    return "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else ()), "", ""]).encode()


def ask(port: int, path: str, cookie: str = "", host: str = "") -> tuple[int, bytes, list[str]]:
    """Give the status, the body and the cookies that are set, of one page; ``host`` where it is not this computer."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        named = {"Cookie": cookie, "Host": host}
        line.request("GET", path, headers={name: value for name, value in named.items() if value})
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers.get_all("Set-Cookie", [])
    finally:
        line.close()
