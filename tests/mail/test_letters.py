"""What people read: every letter in both of its forms, with whatever they call themselves."""

import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError
from mail_entries import CREATED, DAY, LETTERS, NOW, PUBLIC_URL, TOKEN, values_of

from webapp.mail.errors import MailNotSent
from webapp.mail.letters import FOLDER, Letter, Letters

LETTER = Letters(PUBLIC_URL)
LINK = f"{PUBLIC_URL}/reset/{TOKEN}"
WITH_LINK = [name for name, values in LETTERS.items() if "seed" in values]
CLOSED_BY_ITSELF = {"meta", "br"}
RIGHT_TO_LEFT = "שרה כהן"

each_letter = pytest.mark.parametrize("name", LETTERS)


class Markup(HTMLParser):
    """Checks that elements are closed in order, and collects what the page names and says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open += [tag] if tag not in CLOSED_BY_ITSELF else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data if self.open[-1:] != ["style"] else ""


def written(letter: str, /, **changes: str) -> Letter:
    return LETTER.write(letter, values_of(letter, **changes), NOW)


def test_every_letter_has_both_forms_and_is_tested_here():
    for ending in ("txt", "html"):
        assert {path.stem for path in (FOLDER / "mail").glob(f"[!_]*.{ending}")} == set(LETTERS)


@each_letter
def test_subject_is_one_short_line_without_anything_of_ours_or_theirs(name: str):
    letter = written(name, name="Zoë", where="Zoë", new="Zoë", old="Zoë")
    assert re.fullmatch(r"[A-Z][a-z ]{9,40}", letter.subject)
    assert letter.subject in letter.html


@each_letter
def test_text_is_as_wide_as_a_mail_and_calm(name: str):
    text = written(name).text
    assert [line for line in text.splitlines() if len(line) > 78 and not line.startswith("https://")] == []
    assert "\n\n\n" not in text
    assert text.startswith("Hello")
    assert text.endswith(f"Gatehouse · {PUBLIC_URL}\n")


@each_letter
def test_html_is_whole_and_loads_nothing(name: str):
    markup = Markup(written(name).html)
    assert markup.open == []
    tags = [tag for tag, _ in markup.tags]
    assert ("html", {"lang": "en"}) in markup.tags
    assert {"img", "script", "link", "iframe", "form", "input", "svg"}.isdisjoint(tags)
    assert [attributes for _, attributes in markup.tags if "src" in attributes or "background" in attributes] == []
    assert re.findall(r"url\(|@import|@font-face", written(name).html) == []
    assert {attributes["href"] for _, attributes in markup.tags if "href" in attributes} <= {
        LINK,
        PUBLIC_URL,
        f"{PUBLIC_URL}/forgot",
        f"{PUBLIC_URL}/login",
    }


@each_letter
def test_both_forms_say_the_same_to_do(name: str):
    letter = written(name)
    addresses = set(re.findall(rf"{PUBLIC_URL}[^\s<\"]*(?<![.,])", letter.text))
    assert addresses == set(re.findall(rf"{PUBLIC_URL}[^\s<\"]*(?<![.,])", letter.html))
    assert (LINK in addresses) is (name in WITH_LINK)


@each_letter
def test_letter_tells_what_to_do_if_it_was_somebody_else(name: str):
    if name == "erasure-done":
        return
    letter = written(name)
    assert re.search(r"not\s+you", letter.text)
    assert "Not you?" in letter.html


@pytest.mark.parametrize(
    ("name", "length", "until"),
    [
        ("confirm-email", "7 days", "27 November 2026, 14:02 UTC"),
        ("confirm-new-email", "1 day", "21 November 2026, 14:02 UTC"),
        ("reset-password", "30 minutes", "20 November 2026, 14:32 UTC"),
        ("email-restored", "30 minutes", "20 November 2026, 14:32 UTC"),
        ("email-changed", "7 days", "27 November 2026, 14:02 UTC"),
        ("new-sign-in", "7 days", "27 November 2026, 14:02 UTC"),
    ],
)
def test_letter_with_a_link_says_how_long_it_works(name: str, length: str, until: str):
    letter = written(name)
    for said in (" ".join(letter.text.split()), " ".join(Markup(letter.html).words.split())):
        assert f"The link works once, for {length}, until {until}." in said


@pytest.mark.parametrize(
    "name",
    [
        "password-changed",
        "email-changed",
        "reset-password",
        "erasure-planned",
        "new-sign-in",
        "used-in-two-places",
        "many-failed-tries",
        "tries-limit-reached",
    ],
)
def test_letter_says_when_it_happened(name: str):
    assert "20 November 2026, 14:02 UTC" in " ".join(written(name).text.split())


def test_letter_about_an_account_in_erasure_says_what_a_new_password_does_not_do():
    plain, waiting = written("reset-password"), written("reset-password", erase_at=str(NOW + 5 * DAY))
    for said in (" ".join(waiting.text.split()), waiting.html):
        assert "waiting to be erased on 25 November 2026" in said
    assert "erased" not in plain.text + plain.html


def test_changed_password_says_whom_it_signed_out_and_how_it_was_done():
    changed, reset = written("password-changed"), written("password-changed", reset="y")
    assert "Every other device was signed out" in changed.text
    assert "Every device was signed out" in reset.text
    assert "password of your mailbox first" in " ".join(Markup(reset.html).words.split())
    assert "mailbox" not in changed.text + changed.html


def test_changed_address_says_what_the_way_back_does():
    for said in (" ".join(written("email-changed").text.split()), written("email-changed").html):
        assert "brings the old address back and signs out every device. You must then choose a new password" in said


@each_letter
def test_name_cannot_become_markup_or_another_line(name: str):
    letter = written(
        name, name="<b>Ada</b>\r\nBcc: x\x00\x1b\u2028{{ 7 * 7 }}", where="<i>there</i>", device="<i>x", place="<i>y"
    )
    assert "<b>" not in letter.html
    assert "<i>" not in letter.html
    assert "49" not in letter.text
    assert letter.text.splitlines()[0].startswith("Hello")
    assert re.findall(r"[\x00-\x09\x0b-\x1f\u2028]", letter.text) == []


@pytest.mark.parametrize("name", ["O'Neil & Søn", "🦊", "Ng", "J. R. Tolkien", "x" * 100, "Ada 👩🏽‍🚀"])
def test_person_is_greeted_by_any_name(name: str):
    letter = written("reset-password", name=name)
    assert f"Hello {name}," in letter.text.replace("\n", " ")
    assert f"Hello {name}," in Markup(letter.html).words


def test_name_from_right_to_left_turns_nothing_around_it():
    letter = written("reset-password", name=RIGHT_TO_LEFT)
    assert letter.text.startswith(f"Hello \u2068{RIGHT_TO_LEFT}\u2069,")
    assert f"<bdi>{RIGHT_TO_LEFT}</bdi>" in letter.html


@pytest.mark.parametrize(
    "name", ["Win now: https://evil.test", "see evil.test", "WWW evil", "me@evil.test", "call 555 1234", "a/b"]
)
def test_name_that_is_a_message_is_not_carried_to_anybody(name: str):
    letter = written("reset-password", name=name)
    assert letter.text.startswith("Hello,")
    assert name not in letter.text + letter.html


@pytest.mark.parametrize("name", ["confirm-email", "confirm-new-email"])
def test_reader_whom_nobody_knows_yet_is_not_called_by_a_name_that_a_stranger_chose(name: str):
    letter = written(name, name="You have won")
    assert "You have won" not in letter.text + letter.html


def test_value_that_nobody_gave_is_an_error():
    values = values_of("password-changed")
    del values["where"]
    with pytest.raises(UndefinedError):
        LETTER.write("password-changed", values, NOW)


@pytest.mark.parametrize("name", ["of-the-next-version", "../base", "_frame/../confirm"])
def test_letter_that_this_version_does_not_know_waits_for_one_that_does(name: str):
    with pytest.raises(MailNotSent, match="no such letter"):
        LETTER.write(name, {}, NOW)


def test_day_of_the_letter_is_that_of_its_entry():
    assert CREATED.timestamp() == NOW
