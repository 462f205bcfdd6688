import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.sessions.device import Device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/124.0.0.0"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE}"
LINUX = "Mozilla/5.0 (X11; Linux x86_64"
UBUNTU = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0)"
CHROMEBOOK = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {CHROME}"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {APPLE}"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) {APPLE}"


@pytest.mark.parametrize(
    ("user_agent", "label", "kind"),
    [
        (f"{WINDOWS}; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows", "computer"),
        (f"{WINDOWS}) {CHROME} Safari/537.36 Edg/124.0.0.0", "Edge on Windows", "computer"),
        (f"{WINDOWS}) {CHROME} Safari/537.36 OPR/110.0.0.0", "Opera on Windows", "computer"),
        ("Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows", "computer"),
        (f"{MAC} Version/17.4 Safari/605.1.15", "Safari on macOS", "computer"),
        (f"{LINUX}) {CHROME} Safari/537.36", "Chrome on Linux", "computer"),
        (f"{UBUNTU} Gecko/20100101 Firefox/126.0", "Firefox on Ubuntu", "computer"),
        (f"{CHROMEBOOK} {CHROME} Safari/537.36", "Chrome on ChromeOS", "computer"),
        (f"{ANDROID} Mobile Safari/537.36", "Chrome on Android", "phone"),
        (f"{ANDROID} Safari/537.36", "Chrome on Android", "tablet"),
        (f"{ANDROID} Mobile Safari/537.36 EdgA/124.0.0.0", "Edge on Android", "phone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:126.0) Gecko/126.0 Firefox/126.0", "Firefox on Android", "phone"),
        ("Mozilla/5.0 (Android 14; Tablet; rv:126.0) Gecko/126.0 Firefox/126.0", "Firefox on Android", "tablet"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone", "phone"),
        (f"{IPHONE} CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1", "Chrome on iPhone", "phone"),
        (f"{IPHONE} FxiOS/126.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone", "phone"),
        (f"{IPAD} Version/16.5 Mobile/15E148 Safari/604.1", "Safari on iPad", "tablet"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", "program"),
        ("curl/8.5.0", "curl", "program"),
        ("python-httpx/0.27.0", "python-httpx", "program"),
        ("HTTPie/3.2.1", "HTTPie", "program"),
        ("", "Unknown browser", "unknown"),
        ("\0\0", "Unknown browser", "unknown"),
        ("😀😀", "Unknown browser", "unknown"),
        ("Mozilla/5.0", "Unknown browser", "unknown"),
        ("<script>alert(1)</script>", "Unknown browser", "unknown"),
        ("x" * 60_000, "Unknown browser", "unknown"),
    ],
)
def test_user_agent_is_named_without_versions(user_agent: str, label: str, kind: str):
    device = Device.from_headers(user_agent, {})

    assert (device.label, device.kind) == (label, kind)
    assert Device.decode(device.encode()) == device


def test_name_of_a_program_is_cut():
    device = Device.from_headers("a" * 400 + "/1.0", {})

    assert device == Device("a" * 50, "program")


def anything_with(*fragments: str) -> st.SearchStrategy[str]:
    pieces = st.one_of(st.sampled_from(fragments), st.text(max_size=20))
    return st.lists(pieces, max_size=12).map("".join)


@given(
    anything_with(
        "Mozilla/5.0 (", "Windows NT 10.0", "Android 14; ", "iPhone; CPU iPhone OS", "Firefox/", "curl/8", "; wv) "
    )
)
@example("\ud800Mozilla/5.0 \udfff")
@example("a\u202e\u0007/1")
@example("é" * 60_000)
def test_whatever_is_sent_becomes_a_device_that_fits_its_field(user_agent: str):
    device = Device.from_headers(user_agent, {})

    assert device.label
    assert device.label.isprintable()
    assert len(device.label.encode()) <= 50
    assert len(device.encode().encode()) <= 64
    assert Device.decode(device.encode()) == device


@given(st.text())
@example("phone:")
@example("toaster:Firefox")
@example("::::")
@example("phone:" + "😀" * 1000)
def test_any_field_is_read(text: str):
    device = Device.decode(text)

    assert device.label
    assert len(device.encode().encode()) <= 64
