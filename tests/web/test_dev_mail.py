"""The mails that were sent, shown to whoever builds on this site; in development only."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_folder import arrived, link_to
from pages import Site

DEVELOPMENT = {"APP_ENV": "development"}


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    further: dict[str, str] = getattr(request, "param", DEVELOPMENT)
    return {**environ, "MAIL_URL": f"file://{inbox}", **further}


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


async def test_sent_mail_is_listed_and_shown_with_its_link(site: Site, inbox: Path) -> None:
    ada = site.browser()
    await ada.register()
    (mail,) = await arrived(inbox, ada.email)
    listed = await site.browser().get("/dev/mail")
    assert "1 mail<" in listed.text
    assert f'<a href="/dev/mail/{mail.name}">{mail.subject}</a>' in listed.text
    shown = await site.browser().get(f"/dev/mail/{mail.name}")
    assert f'href="https://gatehouse.test{await link_to(inbox, ada.email)}"' in shown.text


async def test_html_part_is_shown_with_its_styles_and_nothing_else(site: Site, inbox: Path) -> None:
    ada = site.browser()
    await ada.register()
    (mail,) = await arrived(inbox, ada.email)
    shown = await site.browser().get(f"/dev/mail/{mail.name}/html")
    assert shown.text == mail.html
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


async def test_folder_that_is_not_there_yet_is_an_empty_list(site: Site, inbox: Path) -> None:
    page = await site.browser().get("/dev/mail")
    assert page.status_code == 200
    assert "Nothing was sent so far" in page.text


@pytest.mark.parametrize("name", ["nothing.eml", "..%2F..%2Fetc%2Fpasswd", ".eml", "%00.eml", "draft"])
async def test_name_that_is_no_mail_is_not_found(site: Site, inbox: Path, name: str) -> None:
    write(inbox / "draft", b"half a mail")
    for path in (f"/dev/mail/{name}", f"/dev/mail/{name}/html"):
        assert (await site.browser().get(path)).status_code == 404


async def test_what_stands_in_a_mail_is_shown_as_text(site: Site, inbox: Path) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = "ada@example.test", "<script>alert(1)</script>"
    message["Date"] = "Fri, 20 Nov 2026 14:02:00 +0000"
    message.set_content("<img src=x onerror=alert(1)>")
    write(inbox / "20261120T140200.000000Z-a.eml", bytes(message))
    for path in ("/dev/mail", "/dev/mail/20261120T140200.000000Z-a.eml"):
        page = (await site.browser().get(path)).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img" not in page


@pytest.mark.parametrize("environ", [{}], indirect=True, ids=["production"])
async def test_production_has_no_such_pages(site: Site, inbox: Path) -> None:
    ada = site.browser()
    await ada.register()
    (mail,) = await arrived(inbox, ada.email)
    for path in ("/dev/mail", f"/dev/mail/{mail.name}", f"/dev/mail/{mail.name}/html"):
        assert (await ada.get(path)).status_code == 404


@pytest.mark.parametrize("environ", [{**DEVELOPMENT, "MAIL_URL": "smtp://127.0.0.1:1"}], indirect=True, ids=["smtp"])
async def test_site_with_a_mail_server_says_that_mails_are_not_kept(site: Site) -> None:
    page = await site.browser().get("/dev/mail")
    assert page.status_code == 200
    assert "Mails are not kept here" in page.text
