"""The session's secret is another one every ten minutes of use: a stolen one is noticed (docs/decisions/0017).

What a secret is to its session, secrets.lua decides; here that is carried out, and what the cookie is to hold.
"""

import logging

from webapp.errors import StoreUnavailable
from webapp.shielding import shielded

from .model import Cause
from .store import SessionStore, Touched
from .token import Token

log = logging.getLogger(__name__)

TWO_PLACES = Cause("two-places")


class Renewal:
    """Hands out secrets, puts those that were shown in force, and ends a session that has two holders."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def cookie(self, token: Token, touched: Touched, *, address: str) -> str | None:
        """Give the token that the browser's cookie is to hold from this visit on; None to leave it as it is."""
        if touched.candidate:
            promoted = await self._promote(token)
            return str(token) if promoted and touched.rolls else None
        if touched.offers:
            return await self._try_offer(token, address)
        return str(token) if touched.rolls else None

    async def offer(self, token: Token, *, address: str, at_once: bool = False) -> str | None:
        """Give another token for the same session; None when there is to be none. Raises StoreUnavailable.

        Never one that was handed out before: else a thief and the owner would go on in step with one another.
        """
        candidate = token.renewed()
        # It returns when a failover cannot undo it: then the browser may be given what Redis knows.
        handed = await self._store.offer(token, candidate, address=address, at_once=at_once)
        return str(candidate) if handed else None

    @shielded
    async def end_reused(self, token: Token) -> bool:
        """End a session that has two holders; False when it has not any more. Raises StoreUnavailable."""
        ended = await self._store.end_own(token, TWO_PLACES, held="reused")
        if ended:
            log.warning("A session of account %s was used in two places, and is ended.", token.account_id)
        return ended

    async def _try_offer(self, token: Token, address: str) -> str | None:
        try:
            return await self.offer(token, address=address)
        except StoreUnavailable as failure:
            log.info("%s; a session's secret is renewed later.", failure)
            return None

    async def _promote(self, token: Token) -> bool:
        try:
            return await self._store.promote(token)
        except StoreUnavailable as failure:
            # It stays a candidate, and the next visit shows it again.
            log.info("%s; a session's new secret is put in force later.", failure)
            return False
