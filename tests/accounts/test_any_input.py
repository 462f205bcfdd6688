"""Whatever people and programs type, the service answers with an account or with an exception that it documents."""

import contextlib

import pytest
from account_world import NETWORK, PASSWORD, SESSION, World
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from webapp.errors import EmailTaken, WeakPassword, WrongCredentials

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
EMAILS = ANY_TEXT | st.emails() | st.builds("{}@example.com".format, ANY_TEXT)
# Accounts of one example are still there for the next, as in life.
with_one_database = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150
)


@with_one_database
@given(EMAILS, ANY_TEXT, ANY_TEXT | st.just(PASSWORD))
@example("ada@example.com", "\0", PASSWORD)
@example("ada@example.com", "\ud800", PASSWORD)
@example(" Zoë@exämple.test", "👩‍💻", PASSWORD)
@example("'drop-table-account--@example.com", "<script>", PASSWORD)
async def test_registration_of_anything_opens_an_account_or_says_why_not(
    world: World, email: str, name: str, password: str
) -> None:
    try:
        account = await world.service.register(email, name, password)
    except (EmailTaken, WeakPassword):
        return
    except ValueError as refusal:
        # An encoding's error is a ValueError too, and one that nobody foresaw.
        if isinstance(refusal, UnicodeError):
            raise
        return
    assert await world.service.find(account.id) == account
    assert await world.service.authenticate(email, password, network=NETWORK) == account


@with_one_database
@given(EMAILS, ANY_TEXT, ANY_TEXT)
@example("\0", "\0", "\0")
@example("ada@example.com", "\ud800", "\ud800")
async def test_sign_in_and_look_up_with_anything_finds_nobody(
    world: World, email: str, password: str, account_id: str
) -> None:
    with contextlib.suppress(EmailTaken):
        await world.register()
    with pytest.raises(WrongCredentials):
        await world.service.authenticate(email, password, network=NETWORK)
    with pytest.raises(WrongCredentials):
        await world.service.confirm_password(account_id, password, network=NETWORK, session_id=SESSION)
    assert await world.service.find(account_id) is None


@pytest.mark.parametrize("size", [300, 5_000, 1_000_000])
@pytest.mark.parametrize("text", ["x", "\u0301", "\ud800", "é@", "\0", "<b>"])
async def test_huge_input_is_refused_and_not_worked_on(world: World, text: str, size: int) -> None:
    huge = text * size
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        await world.service.register(huge, "Ada", PASSWORD)
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        await world.service.register("ada@example.com", huge, PASSWORD)
    with pytest.raises(WeakPassword):
        await world.service.register("ada@example.com", "Ada", huge)
    with pytest.raises(WrongCredentials):
        await world.service.authenticate(huge, huge, network=NETWORK)
