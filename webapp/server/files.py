"""How many clients a process has files for: each connection is one, and each stream of events is a connection.

A stream stays for as long as somebody looks at a page, so streams could take every place there is. They have a bound of
their own, and what is asked for besides keeps its places whatever the system's limit is.
"""

import logging
import resource
import sys
from contextlib import suppress
from dataclasses import replace

from webapp.settings import Settings

# Connections that are no streams. Idle ones take about 12 kB each, so a small dyno has room for them; a proxy in front
# needs far fewer.
PLACES = 1000
# Files that a process needs for other things: pools of Redis and SQL, threads, logs, templates.
OTHER_FILES = 150

log = logging.getLogger(__name__)


def with_files_for_streams(settings: Settings) -> Settings:
    """Return the settings with as many SESSION_STREAMS as there are files for, and log it when these are fewer.

    The system's limit on open files is raised first, as far as it may be; processes that are started later have it too.
    """
    _raise_limit(settings.session_streams + PLACES + OTHER_FILES)
    room = _room()
    # Where there is little, both get half.
    fit = max(room - PLACES, room // 2)
    if fit >= settings.session_streams:
        return settings
    sentence = "SESSION_STREAMS is %s, but the limit on open files (ulimit -n) leaves room for %s. No more are opened."
    log.warning(sentence, settings.session_streams, fit)
    return replace(settings, session_streams=fit)


def connections_at_once(streams: int) -> int:
    """Tell how many connections a process may hold: PLACES beside its streams, or what the limit on files leaves."""
    return min(PLACES + streams, _room())


def _raise_limit(files: int) -> None:
    """Ask for so many open files, if the system gives fewer so far and may give more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        # What macOS gives has a bound beside the limits.
        with suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _room() -> int:
    """Tell for how many connections the limit on open files has room."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if files == resource.RLIM_INFINITY else max(files - OTHER_FILES, files // 2)
