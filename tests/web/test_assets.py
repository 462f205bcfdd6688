"""Static files."""

import re
from urllib.parse import unquote

import pytest
from asgi_calls import http_scope
from pages import ORIGIN, Browser, Site, tags
from serving import ask
from stores import Stores

TRAVERSALS = [
    "../webapp/settings.py",
    "../../etc/passwd",
    "..%2fpyproject.toml",
    "%2e%2e/pyproject.toml",
    "%2e%2e%2fpyproject.toml",
    "..%252fpyproject.toml",
    "..\\pyproject.toml",
    "..%5cpyproject.toml",
    "css/../../pyproject.toml",
    "/etc/passwd",
    "//etc/passwd",
    "css/..%00/app.css",
    "%00",
    ".",
    "..",
    "css",
    "css/",
    "css/..",
    "\xff",
    "",
    "~",
    "C:/windows/win.ini",
    "vendor/README.md",
    "vendor/htmx.LICENSE.txt",
    "a" * 5000,
]


async def addresses(browser: Browser) -> list[str]:
    """Return every file that the start page names."""
    page = (await browser.get("/")).text
    named = [tag.get("href", "") for tag in tags(page, "link")] + [tag.get("src", "") for tag in tags(page, "script")]
    return [address for address in named if address]


async def test_pages_name_files_by_their_hash_and_those_are_kept_for_a_year(browser: Browser):
    found = await addresses(browser)
    assert len(found) > 5
    for address in found:
        assert re.fullmatch(r"/static/[a-z0-9/.-]+\.[0-9a-f]{8,}\.(css|js|svg)", address), address
        response = await browser.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[address.rpartition(".")[2]]
        assert response.headers["Content-Type"].startswith(kind)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" in response.headers
        assert "Set-Cookie" not in response.headers


async def test_page_names_nothing_from_elsewhere(browser: Browser):
    assert all(address.startswith("/static/") for address in await addresses(browser))


async def test_name_without_its_hash_or_with_another_is_404(browser: Browser):
    for address in await addresses(browser):
        plain, mark, ending = address.rsplit(".", 2)
        for other in (
            f"{plain}.{ending}",
            f"{plain}.{mark[::-1]}0.{ending}",
            f"{plain}.{mark.upper()}x.{ending}",
            f"{address}.map",
        ):
            response = await browser.get(other)
            assert response.status_code == 404
            assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_path_that_climbs_out_finds_nothing(path: str, site: Site):
    """Clients tidy paths up; what is on the wire need not be tidy."""
    raw = f"/static/{path}".encode()
    scope = http_scope() | {"path": unquote(raw.decode()), "raw_path": raw}
    answer = await ask(site, scope)
    assert answer.status in {308, 404}
    assert answer.headers.get("location", "/").startswith(("/", ORIGIN))
    assert "[project]" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_static_file_needs_no_session_and_asks_redis_for_none(ada: Browser, browser: Browser, stores: Stores):
    (address, *_) = await addresses(browser)
    with stores.watched() as commands:
        assert (await ada.get(address)).status_code == 200
    assert commands == []
