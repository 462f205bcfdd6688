"""What belongs to no account is found by what is in it, exactly."""

from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.outbox import Entry, Outbox

EMAIL = "a_b%ü@example.com"


async def test_what_names_somebody_is_found_whatever_stands_in_the_name(engine: AsyncEngine) -> None:
    outbox = Outbox(engine)
    theirs = Entry.new("mail", None, {"letter": "erasure-done", "to": EMAIL})
    for others in ("axb%ü@example.com", "a_bbü@example.com", f"x{EMAIL}", EMAIL[:-1]):
        await outbox.add(Entry.new("mail", None, {"letter": "erasure-done", "to": others}))
    await outbox.add(theirs)
    assert await outbox.about("A" * 22, {EMAIL, "another"}) == [theirs]
    assert await outbox.about("A" * 22, {"another"}) == []
