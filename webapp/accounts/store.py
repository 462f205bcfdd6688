"""Accounts in SQL: what is looked up there, and the two changes that owe nothing.

``answering`` finishes what was begun although the caller is cancelled (promise 8), and raises StoreUnavailable where
the database does not answer. A row leaves this file only as a plain value.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import answering, autocommitting, delete_in_batches, revisions

from .links import Link, Purpose, is_token, token_hash
from .model import Credentials, Role, is_id
from .rows import credentials_of, link_of
from .tables import account as accounts
from .tables import link as links

# What a sign-in runs is built once: to build a statement takes SQLAlchemy longer than to run it (0.3 ms).
WANTED = bindparam("wanted", type_=Text)
BY_ID, BY_EMAIL_KEY = (select(accounts).where(column == WANTED) for column in (accounts.c.id, accounts.c.email_key))


class AccountStore:
    """The account table, and that of the links."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._autocommit = autocommitting(engine)

    @answering
    async def ping(self) -> None:
        """Ask the database for nothing, to see that it answers."""
        async with self._autocommit.connect() as db:
            await db.execute(text("SELECT 1"))

    @answering
    async def is_migrated(self) -> bool:
        """Tell whether the tables are there that this version needs, those of a newer one too."""
        async with self._autocommit.connect() as db:
            return await db.run_sync(revisions.is_current)

    async def by_id(self, account_id: str) -> Credentials | None:
        """Find an account by its id; a text that cannot be an id is not looked up."""
        return await self._one(BY_ID, account_id) if is_id(account_id) else None

    async def by_email_key(self, email_key: str) -> Credentials | None:
        """Find an account by its email's key."""
        return await self._one(BY_EMAIL_KEY, email_key)

    @answering
    async def replace_hash(self, account_id: str, old: str, new: str) -> bool:
        """Put ``new`` in the place of ``old``, a hash of the same password; False when another change came first."""
        changed = (
            update(accounts)
            .where(accounts.c.id == account_id, accounts.c.password_hash == old)
            .values(password_hash=new)
        )
        async with self._autocommit.begin() as db:
            return (await db.execute(changed)).rowcount == 1

    @answering
    async def set_role(self, account_id: str, role: Role) -> bool:
        """Give an account another role; False when there is no account of that id."""
        async with self._autocommit.begin() as db:
            changed = update(accounts).where(accounts.c.id == account_id).values(role=role)
            return (await db.execute(changed)).rowcount == 1

    async def living_link(self, token: str, purposes: Collection[Purpose]) -> Link | None:
        """Find the link of a token that opens something now; a text that cannot be a token is not looked up."""
        if not is_token(token):
            return None
        wanted = (links.c.token_hash == token_hash(token)) & links.c.purpose.in_(purposes)
        return next(iter(await self._links(wanted & (links.c.expires > datetime.now(UTC)))), None)

    async def links_of(self, account_id: str) -> list[Link]:
        """Give every link of an account, the oldest first."""
        return await self._links(links.c.account_id == account_id)

    async def sweep(self) -> None:
        """Delete the links that open nothing any more."""
        dead = links.c.expires <= datetime.now(UTC)
        await delete_in_batches(self._engine, [links.c.token_hash], dead, links.c.expires)

    @answering
    async def _one(self, statement: Select[Any], wanted: str) -> Credentials | None:
        async with self._autocommit.connect() as db:
            row = (await db.execute(statement, {"wanted": wanted})).one_or_none()
        return None if row is None else credentials_of(row)

    @answering
    async def _links(self, condition: ColumnElement[bool]) -> list[Link]:
        wanted = select(links).where(condition).order_by(links.c.created, links.c.token_hash)
        async with self._autocommit.connect() as db:
            return [link_of(row) for row in await db.execute(wanted)]
