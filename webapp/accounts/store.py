"""Accounts in SQL: each method is one statement in a transaction of its own.

``answering`` finishes what was begun although the caller is cancelled (promise 8), and raises StoreUnavailable where
the database does not answer. A row leaves this file only as a plain value.
"""

from sqlalchemy import ColumnElement, Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import answering
from webapp.errors import EmailTaken

from . import migrate
from .model import Account, Credentials, Role, is_id
from .tables import account as accounts


class AccountStore:
    """The account table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @answering
    async def ping(self) -> None:
        """Ask the database for nothing, to see that it answers."""
        async with self._engine.connect() as db:
            await db.execute(text("SELECT 1"))

    @answering
    async def is_migrated(self) -> bool:
        """Tell whether the tables are there that this version needs, those of a newer one too."""
        async with self._engine.connect() as db:
            return await db.run_sync(migrate.is_current)

    async def by_id(self, account_id: str) -> Credentials | None:
        """Find an account by its id; a text that cannot be an id is not looked up."""
        return await self._one(accounts.c.id == account_id) if is_id(account_id) else None

    async def by_email_key(self, email_key: str) -> Credentials | None:
        """Find an account by its email's key."""
        return await self._one(accounts.c.email_key == email_key)

    @answering
    async def add(self, credentials: Credentials) -> None:
        """Write a new account; raises EmailTaken when its email has one, also when both come at the same moment."""
        try:
            async with self._engine.begin() as db:
                await db.execute(insert(accounts).values(_columns(credentials)))
        except IntegrityError as error:
            if not _email_taken(error):
                raise
            # Not chained: PostgreSQL's message holds the email, and tracebacks end up in logs.
            raise EmailTaken from None

    @answering
    async def replace_hash(self, account_id: str, old: str, new: str) -> bool:
        """Put ``new`` in the place of ``old``; False when another change of the password came first."""
        changed = (
            update(accounts)
            .where(accounts.c.id == account_id, accounts.c.password_hash == old)
            .values(password_hash=new)
        )
        async with self._engine.begin() as db:
            return (await db.execute(changed)).rowcount == 1

    @answering
    async def set_role(self, account_id: str, role: Role) -> bool:
        """Give an account another role; False when there is no account of that id."""
        async with self._engine.begin() as db:
            changed = update(accounts).where(accounts.c.id == account_id).values(role=role)
            return (await db.execute(changed)).rowcount == 1

    @answering
    async def _one(self, condition: ColumnElement[bool]) -> Credentials | None:
        async with self._engine.connect() as db:
            row = (await db.execute(select(accounts).where(condition))).one_or_none()
        return None if row is None else _credentials(row)


def _columns(credentials: Credentials) -> dict[str, object]:
    account = credentials.account
    return {
        "id": account.id,
        "email": account.email,
        "email_key": credentials.email_key,
        "name": account.name,
        "role": account.role,
        "password_hash": credentials.password_hash,
        "created": account.created,
        "confirmed": account.confirmed,
    }


def _credentials(row: Row[tuple[object, ...]]) -> Credentials:
    account = Account(row.id, row.email, row.name, row.role, row.created, row.confirmed)
    return Credentials(account, row.email_key, row.password_hash)


def _email_taken(error: IntegrityError) -> bool:
    # PostgreSQL names the constraint apart from its message; SQLite's message is the column's name and no value.
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or str(error.orig)
    return "account_email_key" in constraint or "account.email_key" in constraint
