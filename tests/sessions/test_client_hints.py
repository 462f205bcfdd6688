"""Rows one recognises: what client hints add to the user agent, and what neither of them is believed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.sessions.client_hints import HINTS
from webapp.sessions.device import Device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
ON_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/144.0.0.0 Safari/537.36"
ON_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/144.0.0.0 Safari/537.36"
ON_LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/144.0.0.0 Safari/537.36"
ON_PHONE = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/144.0.0.0 Mobile Safari/537.36"
ON_TABLET = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/144.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"

CHROME = '"Not(A:Brand";v="8", "Chromium";v="144", "Google Chrome";v="144"'


def hints(platform: str = "", version: str = "", model: str = "", brands: str = CHROME, mobile: str = "?0"):
    """Give the hints as a browser sends them; those without a value were not asked for."""
    strings = {"platform": platform, "platform-version": version, "model": model}
    sent = {f"sec-ch-ua-{name}": f'"{value}"' for name, value in strings.items() if value}
    return {"sec-ch-ua": brands, "sec-ch-ua-mobile": mobile, **sent}


def label_of(user_agent: str, sent: dict[str, str]) -> str:
    return Device.from_headers(user_agent, sent).label


@pytest.mark.parametrize(
    ("version", "system"),
    [
        ("15.0.0", "Windows 11"),
        ("13.0.0", "Windows 11"),
        ("19", "Windows 11"),
        ("12.0.0", "Windows 10"),
        ("10.0.0", "Windows 10"),
        ("1.0.0", "Windows 10"),
        ("0.3.0", "Windows"),
        ("", "Windows"),
        ("new", "Windows"),
        ("150.0.0", "Windows"),
        ("-13.0.0", "Windows"),
    ],
)
def test_windows_is_10_or_11_only_where_its_hint_says_so(version: str, system: str):
    assert label_of(ON_WINDOWS, hints("Windows", version)) == f"Chrome on {system}"


@pytest.mark.parametrize(
    ("version", "system"),
    [
        ("15.3.1", "macOS 15"),
        ("26.0.0", "macOS 26"),
        ("11.0.0", "macOS 11"),
        ("10.15.7", "macOS"),
        ("10.16.0", "macOS"),
        ("", "macOS"),
    ],
)
def test_macos_has_the_number_of_its_hint_and_never_the_frozen_one(version: str, system: str):
    assert label_of(ON_MAC, hints("macOS", version)) == f"Chrome on {system}"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [(ON_WINDOWS, "Chrome on Windows"), (ON_MAC, "Chrome on macOS"), (FIREFOX, "Firefox on Windows")],
)
def test_without_hints_there_is_no_version_at_all(user_agent: str, label: str):
    assert label_of(user_agent, {}) == label


@pytest.mark.parametrize(
    ("user_agent", "model", "mobile", "device"),
    [
        (ON_PHONE, "Pixel 8", "?1", Device("Chrome on Pixel 8", "phone")),
        (ON_TABLET, "SM-X710", "?0", Device("Chrome on SM-X710", "tablet")),
        (ON_PHONE, "", "?1", Device("Chrome on Android", "phone")),
        (ON_PHONE, "K", "?1", Device("Chrome on Android", "phone")),
        (ON_TABLET, "Pixel 8", "?1", Device("Chrome on Pixel 8", "phone")),
        (ON_PHONE, "Pixel 8", "", Device("Chrome on Pixel 8", "phone")),
        (ON_TABLET, "Pixel Tablet", "yes", Device("Chrome on Pixel Tablet", "tablet")),
    ],
)
def test_phone_is_called_by_its_model(user_agent: str, model: str, mobile: str, device: Device):
    assert Device.from_headers(user_agent, hints("Android", "16.0.0", model, mobile=mobile)) == device


@pytest.mark.parametrize(
    ("brands", "browser"),
    [
        ('"Not(A:Brand";v="8", "Chromium";v="144", "Brave";v="144"', "Brave"),
        ('"Vivaldi";v="7.1", "Chromium";v="144", "Not=A?Brand";v="24"', "Vivaldi"),
        ('"Microsoft Edge";v="144", "Chromium";v="144", "Not_A Brand";v="99"', "Edge"),
        ('"Chromium";v="144", "Opera";v="128", "Not?A_Brand";v="99"', "Opera"),
        ('"Chromium"; v="144", "Brave"; v="144"', "Brave"),
        ('"Chromium";v="144", "Google Chrome";v="144"', "Chrome"),
        ('"Chromium";v="144", "Not_A Brand";v="99"', "Chromium"),
        (r'"\\Not\"A;Brand";v="99", "Google Chrome";v="144", "Chromium";v="144"', "Chrome"),
        ('"Something New";v="1"', "Chrome"),
        ("Brave", "Chrome"),
        ("", "Chrome"),
    ],
)
def test_browser_that_calls_itself_chrome_is_called_by_its_own_brand(brands: str, browser: str):
    assert label_of(ON_LINUX, hints("Linux", brands=brands)) == f"{browser} on Linux"


def test_browser_that_names_itself_in_the_user_agent_is_called_that():
    edge = f"{ON_WINDOWS} Edg/144.0.0.0"
    assert label_of(edge, hints("Windows", "15.0.0")) == "Edge on Windows 11"
    ubuntu = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    assert label_of(ubuntu, hints("Linux")) == "Firefox on Ubuntu"


def test_hint_of_the_system_is_enough_to_know_a_computer():
    assert Device.from_headers("Mozilla/5.0", hints("macOS", "15.0.0")) == Device(
        "Unknown browser on macOS 15", "computer"
    )


def test_program_with_hints_is_still_a_program():
    assert Device.from_headers("curl/8.5.0", hints("Windows", "15.0.0")) == Device("curl", "program")


@pytest.mark.parametrize("written", ["Pixel 8", '"Pixel 8', '"Pix\nel"', '"Pix\x00el"', '"Pïxel"', '"Pixel"; a', "?1"])
def test_model_that_is_no_string_of_a_header_is_not_believed(written: str):
    sent = {**hints("Android"), "sec-ch-ua-model": written}
    assert label_of(ON_PHONE, sent) == "Chrome on Android"


@pytest.mark.parametrize("model", ["a" * 24, "SAMSUNG SM-G9980", "23049PCD8G", "moto g(7) power", "CPH2449_11.A+"])
def test_model_is_any_short_name(model: str):
    assert label_of(ON_PHONE, hints("Android", model=model)) == f"Chrome on {model}"


@pytest.mark.parametrize(
    "model",
    ["a" * 25, "a" * 60_000, "Call 1 800 555", "5550199", "5-5-5-0-1-9-9", "Pixel 8!", "evil.test/x", "me@evil", "a,b"],
)
def test_model_that_may_be_a_message_is_not_repeated(model: str):
    assert label_of(ON_PHONE, hints("Android", model=model)) == "Chrome on Android"


pieces = st.one_of(
    st.sampled_from(['"', "\\", ";v=", '"Brave";v="1"', "Android", "13", "?1", ", "]), st.text(max_size=20)
)
anything = st.lists(pieces, max_size=8).map("".join)


@given(
    st.sampled_from([ON_WINDOWS, ON_PHONE, FIREFOX, "curl/8", ""]), st.dictionaries(st.sampled_from(HINTS), anything)
)
@example(ON_PHONE, {"sec-ch-ua-platform": '"Android"', "sec-ch-ua-model": '"' + "é" * 60_000 + '"'})
@example(ON_PHONE, {"sec-ch-ua-platform": '"Android"', "sec-ch-ua-model": '" "'})
@example(ON_WINDOWS, {"sec-ch-ua-platform": '"Windows"', "sec-ch-ua-platform-version": '"٣.0"'})
def test_whatever_hints_are_sent_the_device_fits_its_field(user_agent: str, sent: dict[str, str]):
    device = Device.from_headers(user_agent, sent)

    assert device.label.isprintable()
    assert device.label.strip() == device.label
    assert 0 < len(device.label.encode()) <= 50
    assert len(device.encode().encode()) <= 64
    assert Device.decode(device.encode()) == device
