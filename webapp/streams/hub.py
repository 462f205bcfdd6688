"""All streams of one process, by account and session: what is told of one session reaches nobody else."""

import random
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain, islice

from .model import Following, Look
from .stream import Stream

# Tabs and windows of one browser that are looked at hold one each; the others have given theirs up.
MOST_OF_A_SESSION = 10
# Pages of one account that are told its list in one process. Nobody looks at more of them at once, and one word would
# have each of hundreds made anew.
MOST_LISTS_OF_AN_ACCOUNT = 10
# Looks a second when all sessions have to be looked at, after the line to Redis was lost: about a tenth of what one
# process can ask for, so that people are still served.
LOOKS_A_SECOND = 500


class Everything:
    """Hears of all accounts anyway."""

    def follow(self, account_id: str) -> None:
        """Do nothing."""

    def leave(self, account_id: str) -> None:
        """Do nothing."""


class Hub:
    """The streams of all pages that this process serves, at most ``most``.

    ``following`` is told which accounts there are.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._accounts: dict[str, dict[str, deque[Stream]]] = {}
        self.following: Following = Everything()

    def __len__(self) -> int:
        """Tell how many there are."""
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether there may be no more."""
        return self._count >= self._most

    @contextmanager
    def opened(self, account_id: str, session_id: str, look: Look, *, lists: bool) -> Iterator[Stream]:
        """Go around a stream; where its session has too many, the oldest one is closed."""
        stream = Stream(look, lists=lists and self._may_list(account_id))
        self._add(account_id, session_id, stream)
        try:
            yield stream
        finally:
            self._remove(account_id, session_id, stream)

    def hear(self, account_id: str, sessions: Collection[str], *, listed: bool) -> None:
        """Look at these sessions of an account again, and, where its list may be another one, at that."""
        for session_id, streams in self._accounts.get(account_id, {}).items():
            for stream in streams:
                if session_id in sessions:
                    stream.look_again()
                if listed:
                    stream.list_again()

    def look_again(self, account_id: str | None = None) -> None:
        """Look at every session again, or at those of one account: what was told of them may have been missed.

        Not all at once: where one account's line was lost, those of others were too.
        """
        within = self._count / LOOKS_A_SECOND
        accounts = self._accounts if account_id is None else {account_id: self._accounts.get(account_id, {})}
        for sessions in accounts.values():
            for stream in chain.from_iterable(sessions.values()):
                wait = random.uniform(0, within)  # noqa: S311 -- nothing is secret.
                stream.look_again(wait)
                stream.list_again(wait)

    def _may_list(self, account_id: str) -> bool:
        streams = chain.from_iterable(self._accounts.get(account_id, {}).values())
        return sum(stream.lists for stream in streams) < MOST_LISTS_OF_AN_ACCOUNT

    def _add(self, account_id: str, session_id: str, stream: Stream) -> None:
        if account_id not in self._accounts:
            self._accounts[account_id] = {}
            self.following.follow(account_id)
        streams = self._accounts[account_id].setdefault(session_id, deque())
        streams.append(stream)
        self._count += 1
        # Those that were told already may not have gone yet.
        for oldest in islice(streams, max(0, len(streams) - MOST_OF_A_SESSION)):
            oldest.crowd_out()

    def _remove(self, account_id: str, session_id: str, stream: Stream) -> None:
        sessions = self._accounts[account_id]
        sessions[session_id].remove(stream)
        self._count -= 1
        if not sessions[session_id]:
            del sessions[session_id]
        if not sessions:
            del self._accounts[account_id]
            self.following.leave(account_id)
