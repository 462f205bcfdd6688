"""Headers and envelope of a mail, whatever the address is."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mail_entries import CREATED, PUBLIC_URL, TO

from webapp.mail.errors import Undeliverable
from webapp.mail.letters import Letter
from webapp.mail.message import Mail, Sender, compose

LETTER = Letter("Größe counts", "Hello Zoë,\n\nfrom here\n.\nto there\n", "<p>Hello Zoë</p>")
SENDER = Sender.of("Gatehouse <hello@example.com>", PUBLIC_URL)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]
LOCAL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=70)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.builds(
        "{}@{}".format, LOCAL, st.sampled_from(["example.com", "größe.example", "例え。テスト", "x" * 60 + ".test"])
    ),
    st.from_regex(
        r"[\w.\"<>,;:()\\\r\n\x00 =?!#$%&'*+/^`{|}~-]{1,64}@[a-zé\r\n. -]{1,40}\.[a-z]{2,10}", fullmatch=True
    ),
)


def mail_to(address: str, who: Sender = SENDER) -> Mail:
    return compose(LETTER, address, "abcdefghijklmnopqrstuv", CREATED, who)


def read(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.content, policy=SMTPUTF8)


def test_mail_says_who_what_and_when():
    message = read(mail_to(TO))
    assert list(message) == HEADERS
    assert (message["From"], message["To"]) == ("Gatehouse <hello@example.com>", TO)
    assert message["Subject"] == LETTER.subject
    assert message["Date"].datetime == CREATED
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<abcdefghijklmnopqrstuv@gatehouse.test>"


def test_mail_has_both_forms_the_html_last_and_seven_bits():
    mail = mail_to(TO)
    message = read(mail)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()] == [
        LETTER.text,
        f"{LETTER.html}\n",
    ]
    assert mail.content.isascii()
    assert max(map(len, mail.content.split(b"\r\n"))) <= 78
    assert b"\n" not in mail.content.replace(b"\r\n", b"")


def test_same_entry_makes_the_same_mail_again():
    assert mail_to(TO) == mail_to(TO)


@pytest.mark.parametrize(
    ("public_url", "own"),
    [
        ("https://gatehouse.test:8443", "gatehouse.test"),
        ("http://[::1]:8000", "[::1]"),
        (f"https://{'a' * 60}.{'b' * 60}.example", f"{'a' * 60}.{'b' * 60}.example"),
    ],
)
def test_message_id_is_of_the_sites_host_and_unbroken(public_url: str, own: str):
    content = mail_to(TO, Sender.of("hello@example.com", public_url)).content
    assert f"\r\nMessage-ID: <abcdefghijklmnopqrstuv@{own}>\r\n".encode() in content


def test_sender_may_have_any_name():
    for name in ("Gate, house", "Größe", "a (b) c", "=?utf-8?q?=0ABcc=3A_b=40example.com?=", "ßé" * 50):
        mail = mail_to(TO, Sender.of(f'"{name}" <hello@example.com>', PUBLIC_URL))
        assert mail.sender == "hello@example.com"
        (address,) = read(mail)["From"].addresses
        # Python 3.11 reads a space between two encoded words that has no meaning.
        assert address.display_name.replace(" ", "") == name.replace(" ", "")
        assert address.addr_spec == "hello@example.com"
        assert list(read(mail)) == HEADERS


def test_local_part_beyond_ascii_goes_as_utf8_and_a_domain_as_punycode():
    assert mail_to("ünï@größe.example").recipient == "ünï@xn--gre-6ka8i.example"
    assert mail_to("ünï@größe.example").utf8
    assert "To: ünï@xn--gre-6ka8i.example\r\n".encode() in mail_to("ünï@größe.example").content
    assert mail_to("ada@größe.example").recipient == "ada@xn--gre-6ka8i.example"
    assert not mail_to("ada@größe.example").utf8


@pytest.mark.parametrize(
    "address",
    ["o'neil+news=x@example.com", "a!#$%&*/?^_`{|}~-b@example.com", "=?utf-8?q?a?=@example.com", "A.B@X.test"],
)
def test_odd_addresses_that_are_allowed_arrive_unchanged(address: str):
    mail = mail_to(address)
    assert mail.recipient == address.partition("@")[0] + "@" + address.partition("@")[2].lower()
    assert f"\r\nTo: {mail.recipient}\r\n".encode() in mail.content


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com\nBcc: b@example.com",
        "a@example.com\r\n\r\nbody",
        "a\x00@example.com",
        '"a b"@example.com',
        '"a\\"@x.test, <b"@example.com',
        "a@example.com, b@example.com",
        "a@example.com> SIZE=1",
        "Ada <a@example.com>",
        "a b@example.com",
        "a\u2028@example.com",
        "a@[127.0.0.1]",
        "",
        "@",
        "x" * 300 + "@example.com",
    ],
)
def test_what_is_no_address_gets_no_mail_and_is_not_repeated(address: str):
    with pytest.raises(Undeliverable) as raised:
        mail_to(address)
    assert raised.value.reason == "the address to write to is none"


@given(TEXTS)
@example("a@example.com\nBcc: b@example.com")
@example("=?utf-8?q?=0ABcc=3A_b=40example.com?=@example.com")
def test_no_address_adds_a_header_or_another_recipient(address: str):
    try:
        mail = mail_to(address)
    except Undeliverable:
        return
    assert list(read(mail)) == HEADERS
    assert f"\r\nTo: {mail.recipient}\r\n".encode() in mail.content
    # One word between the brackets of RCPT TO:<...>, and ASCII where the server was not asked for more.
    assert re.fullmatch(r'[^\s<>,"\x00-\x1f\x7f]+@[a-z0-9.-]+', mail.recipient)
    assert mail.utf8 or mail.content.isascii()
