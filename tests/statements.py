"""What the databases of this process are asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Engine, event

from webapp.shielding import settle


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """List the SQL that is sent within; a server's own looks at what is owed are in it, where there are any.

    What requests before it left in the background, such as hastening the look at a new session, is over by then.
    """
    await settle()
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
