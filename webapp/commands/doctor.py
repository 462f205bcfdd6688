"""``doctor``: one line for everything that has to be right, and what to do where it is not."""

import argparse
import asyncio
import os
import traceback
from collections.abc import Awaitable, Mapping
from functools import partial
from pathlib import Path

from webapp.errors import SettingsError
from webapp.setting_addresses import origin
from webapp.settings import Settings

from .checks import database, mail, redis_checks, surroundings, visit
from .checks.findings import Finding, Mark, masked, warning, wrong
from .checks.threads import in_thread
from .running import DONE, FAILED
from .tables import printable

# Seconds for each part, whatever keeps silent: a site that sleeps takes half of it to wake.
LONGEST_CHECK = 60
# Stands for the address of PUBLIC_URL.
PUBLIC_URL = ""


def describe(parser: argparse.ArgumentParser) -> None:
    """Give the ``doctor`` command its options."""
    parser.add_argument(
        "--request",
        nargs="?",
        const=PUBLIC_URL,
        type=_origin,
        metavar="URL",
        help="ask the deployed site how requests arrive there; needs its SECRET_KEY; without a URL, that of PUBLIC_URL",
    )
    parser.set_defaults(run=_examine)


def _origin(text: str) -> str:
    try:
        return origin(text) if text else PUBLIC_URL
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _examine(call: argparse.Namespace) -> int:
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        rest = warning("The rest was not looked at, as it depends on these.")
        return _conclude([_tell("Settings", finding) for finding in (*map(wrong, error.faults), rest)])
    return _conclude(asyncio.run(_go_round(settings, os.environ, call.request)))


async def _go_round(settings: Settings, environ: Mapping[str, str], request: str | None) -> list[Mark]:
    """Look at every part at once, and tell of each in its turn."""
    platform = surroundings.platform_of(environ)
    slow: dict[str, Awaitable[list[Finding]]] = {
        "Redis": redis_checks.examine(settings, platform),
        "Database": database.examine(settings, platform),
        "Mail": mail.examine(settings),
    }
    if request is not None:
        url = request or settings.public_url
        slow["Request"] = in_thread(partial(visit.examine, settings, url))
    under_way = {subject: asyncio.ensure_future(_bounded(check)) for subject, check in slow.items()}
    found = {
        "Settings": surroundings.environment(settings, platform),
        "Cookies": surroundings.cookies(settings),
        "Proxies": surroundings.proxies(settings, platform),
    }
    try:
        marks = [_tell(subject, finding, settings) for subject, findings in found.items() for finding in findings]
        for subject, check in under_way.items():
            marks += [_tell(subject, finding, settings) for finding in await check]
    except OSError:
        # Nobody reads on, or the disk is full. Whoever cuts a driver short that is just connecting may wait for ever.
        await asyncio.wait(under_way.values())
        raise
    return marks


async def _bounded(check: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(LONGEST_CHECK):
            return await check
    except TimeoutError:
        return [wrong(f"There was no end of it within {LONGEST_CHECK} s. See whether it can be reached from here.")]
    except Exception as error:  # noqa: BLE001  # One look that fails must not hide the others.
        # Without its message, which may quote an address with its password.
        *_, last = traceback.extract_tb(error.__traceback__)
        where = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
        return [wrong(f"The doctor itself failed here ({where}). Please report it.")]


def _tell(subject: str, finding: Finding, settings: Settings | None = None) -> Mark:
    text = printable(finding.text)
    print(f"{finding.mark.value:<8} {subject:<9} {masked(text, settings) if settings else text}", flush=True)
    return finding.mark


def _conclude(marks: list[Mark]) -> int:
    counts = {mark: marks.count(mark) for mark in Mark}
    print(", ".join(f"{counts[mark]} {mark.value}" for mark in reversed(Mark) if counts[mark]) + ".")
    return FAILED if counts[Mark.WRONG] else DONE
