"""What Chromium's browsers say of themselves beside the ``User-Agent``, which is frozen (the client hints of UA-CH).

All of it is claimed by the client, as the ``User-Agent`` is. Firefox and Safari send none, and the last two come only
after an answer of ours asked for them (web/headers.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

BRANDS = "sec-ch-ua"
MOBILE = "sec-ch-ua-mobile"
PLATFORM = "sec-ch-ua-platform"
PLATFORM_VERSION = "sec-ch-ua-platform-version"
MODEL = "sec-ch-ua-model"
HINTS = (BRANDS, MOBILE, PLATFORM, PLATFORM_VERSION, MODEL)

# A real list of brands has about a hundred characters, and a model some twenty.
LONGEST_HINT = 256
# Strings of RFC 9651 (3.3.3), quoted: printable ASCII. What is written with a backslash is no name of anything we know.
STRING = re.compile(r'"([ !#-\[\]-~]*)"')
# One brand in a list of them. Made-up ones stand among the real, so that nobody relies on their order or their number.
BRAND = re.compile(rf"{STRING.pattern}; *v=")
MAJOR = re.compile(r"[0-9]{1,2}(?=\.|$)")

# Browsers whose user agent says Chrome, or may. The first that is found is it: those that are no Chrome leave Chrome's
# brand out of their lists, and Chromium's stands in all.
BROWSERS = {
    "Brave": "Brave",
    "Microsoft Edge": "Edge",
    "Opera": "Opera",
    "Vivaldi": "Vivaldi",
    "Google Chrome": "Chrome",
    "Android WebView": "Chrome",
    "Chromium": "Chromium",
}

# Windows 10 says 1 to 10 here and 11 says 13 or more (Microsoft, "Detect Windows 11 and CPU architecture using
# User-Agent Client Hints"). Older ones say 0.
WINDOWS_10, WINDOWS_11 = 1, 13
# A 10 may be a copy of the 10.15.7 that every Mac's user agent says, and then tells nothing.
FIRST_MACOS = 11
# What the frozen user agent calls every phone.
NO_MODEL = {"", "K"}
# A model is shown to others than who claims it, in mails too, so it has neither signs nor length for a message, and too
# few digits for a telephone number. The longest of today's have some twenty characters and six digits.
MODEL_NAME = re.compile(r"(?!(?:.*\d){7})[A-Za-z0-9 ()+_.-]{1,24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hints:
    """The hints of one request, each empty or None where it was not sent or cannot be read."""

    browser: str
    platform: str
    major: int | None
    model: str
    mobile: bool | None

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "Hints":
        """Read the hints among ``headers``, whose names are written small; whatever was sent, none raises."""
        version = MAJOR.match(_string(headers, PLATFORM_VERSION))
        return cls(
            _browser(headers.get(BRANDS, "")),
            _string(headers, PLATFORM),
            int(version[0]) if version else None,
            _model(headers),
            {"?0": False, "?1": True}.get(headers.get(MOBILE, "")),
        )

    @property
    def system(self) -> str:
        """The system or, of a phone or tablet, its model; empty where the user agent knows as much."""
        if self.platform == "Windows":
            return self._windows()
        if self.platform == "macOS":
            return f"macOS {self.major}" if self.major is not None and self.major >= FIRST_MACOS else "macOS"
        if self.platform == "Android":
            return self.model or "Android"
        return ""

    @property
    def kind(self) -> Literal["computer", "phone", "tablet"] | None:
        """What kind of device has such a system; None where the hints do not say."""
        if self.platform in {"Windows", "macOS"}:
            return "computer"
        if self.platform == "Android" and self.mobile is not None:
            return "phone" if self.mobile else "tablet"
        return None

    def _windows(self) -> str:
        if self.major is None or self.major < WINDOWS_10:
            return "Windows"
        return "Windows 11" if self.major >= WINDOWS_11 else "Windows 10"


def _string(headers: Mapping[str, str], name: str) -> str:
    match = STRING.fullmatch(headers.get(name, "")[:LONGEST_HINT])
    return match[1].strip() if match else ""


def _model(headers: Mapping[str, str]) -> str:
    model = _string(headers, MODEL)
    return model if MODEL_NAME.fullmatch(model) and model not in NO_MODEL else ""


def _browser(brands: str) -> str:
    found = set(BRAND.findall(brands[:LONGEST_HINT]))
    return next((name for brand, name in BROWSERS.items() if brand in found), "")
