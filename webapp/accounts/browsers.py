"""The browsers on which somebody has signed in to an account before.

A browser is known by a cookie of its own, which opens nothing. It only tells a new browser from one that its owner has
used: the new one is worth a mail, and the known one has its own count of wrong passwords.

The cookie is a name, which stays, and a secret, which each sign-in replaces. Here are the hashes of the secret that was
handed out last, and of the known one that was shown for it: the answer with the new one may have been lost. So what was
read from a browser is worth nothing after its owner has signed in there twice. Several people may share a browser, and
with it the cookie: whoever of them signs in, it is replaced for all whose accounts knew what it showed.

Nor is the name taken from whoever shows it: it is in every old copy, sessions are grouped by it, and "it was not me"
ends by it. Who shows it with a secret that does not fit signs in under a new one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from webapp.database import answering, delete_in_batches

from .tables import account as accounts
from .tables import known_browser as browsers

# As long as browsers keep a cookie at most, counted from the last sign-in (draft-ietf-httpbis-rfc6265bis, 5.5).
KNOWN_FOR = timedelta(days=400)
# Of one account; the newest stay. Four times as many as it may have sessions at a time, and more than anybody uses. Who
# has the password and signs in on new browsers without end would fill the table.
KNOWN_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class ShownBrowser:
    """A browser as its cookie shows it: its name, and the hashes of the secrets that it showed and that it was given.

    ``shown`` is empty for a browser that had no cookie, and ``given`` for one that did not sign in.
    """

    name: str
    shown: str = ""
    given: str = ""

    def encode(self) -> str:
        """Write it as text; all three are letters, digits, ``-`` and ``_``."""
        return f"{self.name}.{self.shown}.{self.given}"

    @classmethod
    def decode(cls, text: str) -> "ShownBrowser | None":
        """Read what ``encode`` wrote; None for an empty text."""
        return cls(*text.split(".")) if text else None


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """When a browser was first and last signed in with."""

    created: datetime
    used: datetime


class Browsers:
    """The known_browser table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @answering
    async def known(self, email_key: str, browser: ShownBrowser) -> str:
        """Give the name of a browser that the account of this email knows, or nothing.

        No account asks the database just as much.
        """
        wanted = (accounts.c.email_key == email_key) & _fits(browser) & _stands()
        theirs = select(browsers.c.name).join(accounts).where(wanted)
        async with self._engine.connect() as db:
            return (await db.execute(theirs)).scalar_one_or_none() or ""

    @answering
    async def knows(self, account_id: str, browser: ShownBrowser) -> bool:
        """Tell whether an account knows the browser."""
        async with self._engine.connect() as db:
            return await self._knows(db, account_id, browser)

    @answering
    async def is_proven(self, account_id: str, browser: ShownBrowser) -> bool:
        """Tell whether a browser may keep its name when somebody signs in to an account on it.

        It may where what it showed fits some account, since people share browsers, unless this one knows that name with
        another secret: then its owner's browser is another one.
        """
        some = select(browsers.c.name).where(_fits(browser), _stands()).exists()
        another = select(browsers.c.name).where(_is_of(account_id, browser.name), not_(_fits(browser)), _stands())
        async with self._engine.connect() as db:
            return bool((await db.execute(select(some & ~another.exists()))).scalar_one())

    async def keep(self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime) -> bool:
        """Know a browser from a sign-in at a moment on, in the caller's transaction; tells whether it is a new one.

        The caller holds the account's row. Before the password was last changed, whoever signed in may have been
        somebody else: such a browser is not known afterwards. Nor does what comes late undo a later sign-in.
        """
        is_new = not await self._knows(db, account_id, browser)
        if not await self._is_outdated(db, account_id, browser, at):
            await self.know(db, account_id, browser, at)
        return is_new

    async def know(self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime) -> None:
        """Know a browser by the secret that it was given, in the transaction of a caller who holds the account's row.

        So do all other accounts that know it by the one that it showed; one that they do not know is worth nothing.
        Nothing comes of it where this account knows that name with another secret, as ``is_proven`` has it.
        """
        secrets = {"secret": browser.given, "previous": browser.shown}
        itself = _is_of(account_id, browser.name) & _fits(browser) & _stands()
        if (await db.execute(update(browsers).where(itself).values(**secrets, used=at))).rowcount == 0:
            await self._add(db, account_id, browser, at)
        # The others' rows are not ours to wait for, or two who wait for each other's would wait for ever. Whoever holds
        # one signs in on the same browser at this moment; at worst that account takes it for a new one, once.
        who = select(browsers.c.account_id).where(_fits(browser))
        others = who.with_for_update(skip_locked=True).cte("others", nesting=True)
        shared = (browsers.c.name == browser.name) & browsers.c.account_id.in_(select(others.c.account_id))
        await db.execute(update(browsers).where(shared).values(secrets))

    async def forget(self, db: AsyncConnection, account_id: str, name: str) -> None:
        """Know a browser no more, in the caller's transaction."""
        await db.execute(delete(browsers).where(_is_of(account_id, name)))

    async def forget_all(self, db: AsyncConnection, account_id: str) -> None:
        """Know no browser of an account any more, in the caller's transaction."""
        await db.execute(delete(browsers).where(browsers.c.account_id == account_id))

    @answering
    async def of(self, account_id: str) -> list[KnownBrowser]:
        """Give the browsers of an account, the oldest first."""
        theirs = select(browsers).where(browsers.c.account_id == account_id).order_by(browsers.c.created)
        async with self._engine.connect() as db:
            return [KnownBrowser(row.created, row.used) for row in await db.execute(theirs)]

    async def sweep(self) -> None:
        """Delete those that are not known any more."""
        unknown = browsers.c.used <= datetime.now(UTC) - KNOWN_FOR
        await delete_in_batches(self._engine, [browsers.c.account_id, browsers.c.name], unknown, browsers.c.used)

    async def _knows(self, db: AsyncConnection, account_id: str, browser: ShownBrowser) -> bool:
        wanted = select(browsers.c.name).where(browsers.c.account_id == account_id, _fits(browser), _stands())
        return (await db.execute(wanted)).one_or_none() is not None

    async def _add(self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime) -> None:
        itself = _is_of(account_id, browser.name)
        await db.execute(delete(browsers).where(itself, not_(_stands())))
        if (await db.execute(select(browsers.c.name).where(itself))).one_or_none() is not None:
            return
        row = {"account_id": account_id, "name": browser.name, "secret": browser.given, "created": at, "used": at}
        await db.execute(insert(browsers).values(row))
        theirs = browsers.c.account_id == account_id
        newest_first = select(browsers.c.name).where(theirs).order_by(browsers.c.used.desc(), browsers.c.name)
        await db.execute(delete(browsers).where(theirs, browsers.c.name.in_(newest_first.offset(KNOWN_AT_MOST))))

    async def _is_outdated(self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime) -> bool:
        changed = select(accounts.c.password_changed).where(accounts.c.id == account_id)
        used = select(browsers.c.used).where(_is_of(account_id, browser.name))
        later = [(await db.execute(moment)).scalar_one_or_none() for moment in (changed, used)]
        return any(moment is not None and at < moment for moment in later)


def _is_of(account_id: str, name: str) -> ColumnElement[bool]:
    return (browsers.c.account_id == account_id) & (browsers.c.name == name)


def _fits(browser: ShownBrowser) -> ColumnElement[bool]:
    # Never NULL, where there is no previous one, so that it can be negated.
    shown = or_(browsers.c.secret == browser.shown, browsers.c.previous.is_not_distinct_from(browser.shown))
    return (browsers.c.name == browser.name) & shown


def _stands() -> ColumnElement[bool]:
    # Version 1 changes passwords and forgets no browser: while a deploy runs both, or after one was taken back.
    changed = select(accounts.c.password_changed).where(accounts.c.id == browsers.c.account_id).correlate(browsers)
    since = func.coalesce(changed.scalar_subquery(), browsers.c.used)
    return (browsers.c.used > datetime.now(UTC) - KNOWN_FOR) & (browsers.c.used >= since)
