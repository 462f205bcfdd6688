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
from typing import Any

from sqlalchemy import Integer, Row, Text, bindparam, delete, func, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from webapp.database import answering, autocommitting, delete_in_batches

from .tables import account as accounts
from .tables import known_browser as browsers

# As long as browsers keep a cookie at most, counted from the last sign-in (draft-ietf-httpbis-rfc6265bis, 5.5).
KNOWN_FOR = timedelta(days=400)
# Of one account; the newest stay. Four times as many as it may have sessions at a time, and more than anybody uses. Who
# has the password and signs in on new browsers without end would fill the table.
KNOWN_AT_MOST = 200


# The statements are built once: to build one takes SQLAlchemy longer than to run it (0.3 ms), and a sign-in runs many.
OWNER, NAME, SHOWN, GIVEN = (bindparam(name, type_=Text) for name in ("owner", "called", "shown", "given"))
AT, SINCE = (bindparam(name, type_=browsers.c.used.type) for name in ("at", "since"))

OF_OWNER = browsers.c.account_id == OWNER
ITSELF = OF_OWNER & (browsers.c.name == NAME)
# Never NULL, where there is no previous one, so that it can be negated.
FITS = (browsers.c.name == NAME) & or_(browsers.c.secret == SHOWN, browsers.c.previous.is_not_distinct_from(SHOWN))
CHANGED = select(accounts.c.password_changed).where(accounts.c.id == browsers.c.account_id).correlate(browsers)
# Version 1 changes passwords and forgets no browser: while a deploy runs both, or after one was taken back.
STANDS = (browsers.c.used > SINCE) & (browsers.c.used >= func.coalesce(CHANGED.scalar_subquery(), browsers.c.used))

KNOWN = select(browsers.c.name).join(accounts).where(accounts.c.email_key == bindparam("email_key"), FITS, STANDS)
KNOWS = select(browsers.c.name).where(OF_OWNER, FITS, STANDS)
SOME = select(browsers.c.name).where(FITS, STANDS).exists()
ANOTHER = select(browsers.c.name).where(ITSELF, not_(FITS), STANDS).exists()
PROVEN = select(SOME & ~ANOTHER)
# One row where there is such an account, whether it has the browser or not.
STANDING = (
    select(accounts.c.password_changed, browsers.c.used, FITS.label("fits"), STANDS.label("stands"))
    .select_from(accounts.outerjoin(browsers, (browsers.c.account_id == accounts.c.id) & (browsers.c.name == NAME)))
    .where(accounts.c.id == OWNER)
)
NEWEST_FIRST = select(browsers.c.name).where(OF_OWNER).order_by(browsers.c.used.desc(), browsers.c.name)
TOO_MANY = delete(browsers).where(OF_OWNER, browsers.c.name.in_(NEWEST_FIRST.offset(bindparam("most", type_=Integer))))
RENEW = update(browsers).where(ITSELF).values(secret=GIVEN, previous=SHOWN, used=AT)
# The others' rows are not ours to wait for, or two who wait for each other's would wait for ever. Whoever holds one
# signs in on the same browser at this moment; at worst that account takes it for a new one, once.
OTHERS = select(browsers.c.account_id).where(FITS).with_for_update(skip_locked=True).cte("others", nesting=True)
SHARED = (browsers.c.name == NAME) & browsers.c.account_id.in_(select(OTHERS.c.account_id))
RENEW_OTHERS = update(browsers).where(SHARED).values(secret=GIVEN, previous=SHOWN)


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
        self._autocommit = autocommitting(engine)

    @answering
    async def known(self, email_key: str, browser: ShownBrowser) -> str:
        """Give the name of a browser that the account of this email knows, or nothing.

        No account asks the database just as much.
        """
        async with self._autocommit.connect() as db:
            found = await db.execute(KNOWN, {"email_key": email_key, **_values(browser)})
        return found.scalar_one_or_none() or ""

    @answering
    async def knows(self, account_id: str, browser: ShownBrowser) -> bool:
        """Tell whether an account knows the browser; nobody knows one that has shown nothing."""
        if not browser.shown:
            return False
        async with self._autocommit.connect() as db:
            return (await db.execute(KNOWS, _values(browser, account_id))).one_or_none() is not None

    @answering
    async def is_proven(self, account_id: str, browser: ShownBrowser) -> bool:
        """Tell whether a browser may keep its name when somebody signs in to an account on it.

        It may where what it showed fits some account, since people share browsers, unless this one knows that name with
        another secret: then its owner's browser is another one.
        """
        async with self._autocommit.connect() as db:
            return bool((await db.execute(PROVEN, _values(browser, account_id))).scalar_one())

    async def keep(self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime) -> bool:
        """Know a browser from a sign-in at a moment on, in the caller's transaction; tells whether it is a new one.

        The caller holds the account's row. Before the password was last changed, whoever signed in may have been
        somebody else: such a browser is not known afterwards. Nor does what comes late undo a later sign-in.
        """
        found = await _standing(db, account_id, browser)
        if not any(moment is not None and at < moment for moment in (found.password_changed, found.used)):
            await self._know(db, account_id, browser, at, found)
        return not (found.fits and found.stands)

    async def know(self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime) -> None:
        """Know a browser by the secret that it was given, in the transaction of a caller who holds the account's row.

        So do all other accounts that know it by the one that it showed; one that they do not know is worth nothing.
        Nothing comes of it where this account knows that name with another secret, as ``is_proven`` has it.
        """
        await self._know(db, account_id, browser, at, await _standing(db, account_id, browser))

    async def forget(self, db: AsyncConnection, account_id: str, name: str) -> None:
        """Know a browser no more, in the caller's transaction."""
        await db.execute(delete(browsers).where(ITSELF), {"owner": account_id, "called": name})

    async def forget_all(self, db: AsyncConnection, account_id: str) -> None:
        """Know no browser of an account any more, in the caller's transaction."""
        await db.execute(delete(browsers).where(browsers.c.account_id == account_id))

    @answering
    async def of(self, account_id: str) -> list[KnownBrowser]:
        """Give the browsers of an account, the oldest first."""
        theirs = select(browsers).where(browsers.c.account_id == account_id).order_by(browsers.c.created)
        async with self._autocommit.connect() as db:
            return [KnownBrowser(row.created, row.used) for row in await db.execute(theirs)]

    async def sweep(self) -> None:
        """Delete those that are not known any more."""
        unknown = browsers.c.used <= datetime.now(UTC) - KNOWN_FOR
        await delete_in_batches(self._engine, [browsers.c.account_id, browsers.c.name], unknown, browsers.c.used)

    async def _know(
        self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime, found: Row[Any]
    ) -> None:
        values = {**_values(browser, account_id), "at": at}
        if not found.stands:
            await self._add(db, account_id, browser, at, is_there=found.used is not None)
        elif found.fits:
            await db.execute(RENEW, values)
        # A new one has shown nothing that anybody could know.
        if browser.shown:
            await db.execute(RENEW_OTHERS, values)

    async def _add(
        self, db: AsyncConnection, account_id: str, browser: ShownBrowser, at: datetime, *, is_there: bool
    ) -> None:
        if is_there:
            await self.forget(db, account_id, browser.name)
        row = {"account_id": account_id, "name": browser.name, "secret": browser.given, "created": at, "used": at}
        await db.execute(insert(browsers), row)
        await db.execute(TOO_MANY, {"owner": account_id, "most": KNOWN_AT_MOST})


async def _standing(db: AsyncConnection, account_id: str, browser: ShownBrowser) -> Row[Any]:
    return (await db.execute(STANDING, _values(browser, account_id))).one()


def _values(browser: ShownBrowser, account_id: str = "") -> dict[str, object]:
    return {
        "owner": account_id,
        "called": browser.name,
        "shown": browser.shown,
        "given": browser.given,
        "since": datetime.now(UTC) - KNOWN_FOR,
    }
