"""What a browser says it is, told in two words.

All of it is claimed by the client, and most of the user agent is frozen by the browsers: Windows 11 calls itself 10,
every Mac is 10.15.7, every Android phone is a "K", an iPad may say Mac. So a label takes the browser and the system
from there and no version; a version or a model stands in it only where a client hint told it. It is never proof of
anything: it helps people to know their own devices in a list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast, get_args

from ua_parser import Result, parse

from .client_hints import Hints
from .text import fit

Kind = Literal["computer", "phone", "tablet", "program", "unknown"]

# Real user agents have 100 to 200 characters. The parser takes milliseconds for 60 kB of them (measured: 1 to 6).
LONGEST_USER_AGENT = 512
# With the longest kind and a colon this stays below the 64 bytes that keep a Redis hash compact (record.py).
LONGEST_LABEL = 50

UNKNOWN_BROWSER = "Unknown browser"
# How the parser calls the phone's edition of a browser that has the same name everywhere.
EDITIONS = re.compile(r"\b(Mobile|iOS|WebView)\b")
BROWSERS = {"IE": "Internet Explorer"}
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
# A program that is no browser begins with its own name and version, as RFC 9110 (10.1.5) has it: curl/8.5.0.
PROGRAM = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)/[0-9]")
# Browsers begin with this since 1994, whatever they are.
BROWSER = "Mozilla/"
COMPUTERS = re.compile(r"Windows|Mac OS X|Chrome OS|Linux|Ubuntu|Debian|Fedora|.*BSD|Solaris")


@dataclass(frozen=True, slots=True)
class Device:
    """A browser on a system, or a program: ``label`` is for people, ``kind`` chooses the icon."""

    label: str
    kind: Kind

    @classmethod
    def from_headers(cls, user_agent: str, hints: Mapping[str, str]) -> "Device":
        """Name the device that sent this ``User-Agent`` and these client hints, by header names in small letters.

        Whatever was sent, something sensible comes back.
        """
        text = fit(user_agent, LONGEST_USER_AGENT)
        parsed, hinted = parse(text), Hints.read(hints)
        if (program := _program(text, parsed)) is not None:
            return cls(fit(program, LONGEST_LABEL), "program")
        return cls(fit(_label(parsed, hinted), LONGEST_LABEL), hinted.kind or _kind(text, parsed))

    @classmethod
    # The same few hundred stand in nearly all records (3 us a page).
    @lru_cache(maxsize=1024)
    def decode(cls, text: str) -> "Device":
        """Read what ``encode`` wrote. Never raises: of a damaged field it makes what can be made."""
        kind, _, label = text.partition(":")
        known = cast("Kind", kind) if kind in get_args(Kind) else "unknown"
        return cls(fit(label, LONGEST_LABEL) or UNKNOWN_BROWSER, known)

    def encode(self) -> str:
        """Write the device as one field of a record, within 64 bytes."""
        return f"{self.kind}:{self.label}"


def _program(text: str, parsed: Result) -> str | None:
    family = parsed.user_agent.family if parsed.user_agent else None
    if parsed.device and parsed.device.family == "Spider":
        return family
    if text.startswith(BROWSER) or parsed.os:
        return None
    named = PROGRAM.match(text)
    return family or (named[1] if named else None)


def _label(parsed: Result, hinted: Hints) -> str:
    browser = _browser(parsed)
    # Brave, Vivaldi and others say Chrome there. Whoever names himself in the user agent is called that.
    if browser == "Chrome":
        browser = hinted.browser or browser
    system = hinted.system or _system(parsed)
    return f"{browser} on {system}" if system else browser


def _browser(parsed: Result) -> str:
    if parsed.user_agent is None:
        return UNKNOWN_BROWSER
    family = " ".join(EDITIONS.sub("", parsed.user_agent.family).split())
    return BROWSERS.get(family, family) or UNKNOWN_BROWSER


def _system(parsed: Result) -> str | None:
    if parsed.os is None:
        return None
    # Apple's devices are known by name: people say "my iPad", not "my iOS".
    if parsed.os.family == "iOS" and parsed.device and parsed.device.family in {"iPhone", "iPad"}:
        return parsed.device.family
    return SYSTEMS.get(parsed.os.family, parsed.os.family)


def _kind(text: str, parsed: Result) -> Kind:
    system = parsed.os.family if parsed.os else ""
    if system == "iOS":
        return "tablet" if "iPad" in text else "phone"
    if system == "Android":
        # Android's own rule: a browser on a phone says "Mobile", one on a tablet does not.
        return "phone" if "Mobile" in text else "tablet"
    if system == "Windows Phone":
        return "phone"
    return "computer" if COMPUTERS.fullmatch(system) else "unknown"
