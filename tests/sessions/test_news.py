"""What Redis tells of sessions is read exactly, and anything else is no news."""

import pytest
from redis.crc import key_slot
from session_fields import account_key

from webapp.sessions.news import Kind, News, channel_of
from webapp.sessions.token import new_public_id

ADA, ONE, TWO = "A" * 22, "b" * 22, "_-" * 11


@pytest.mark.parametrize("kind", ["started", "ended", "renamed", "moved"])
@pytest.mark.parametrize("ids", [(ONE,), (ONE, TWO)])
def test_message_is_read(kind: Kind, ids: tuple[str, ...]):
    assert News.read(" ".join((ADA, kind, *ids))) == News(ADA, kind, ids)


@pytest.mark.parametrize(
    "message",
    [
        "",
        " ",
        ADA,
        f"{ADA} ended",
        f"{ADA} ended ",
        f"{ADA}  ended {ONE}",
        f"{ADA} ended  {ONE}",
        f"{ADA} ended {ONE} ",
        f" {ADA} ended {ONE}",
        f"{ADA} ended {ONE}\n",
        f"{ADA}\tended\t{ONE}",
        f"{ADA} ENDED {ONE}",
        f"{ADA} exploded {ONE}",
        f"{ADA} {ONE}",
        f"{ADA[1:]} ended {ONE}",
        f"{ADA} ended {ONE[1:]}",
        f"{ADA} ended {ONE} {TWO}{TWO}",
        f"{ADA} ended {ONE} <script>alert(1)</script>",
        f"{ADA} ended {ONE}.{'s' * 43}",
        f"{ADA} ended {ONE[1:]}é",
    ],
)
def test_anything_else_is_no_news(message: str):
    assert News.read(message) is None


def test_channel_of_an_account_lies_where_its_keys_do():
    for account_id in (new_public_id() for _ in range(20)):
        assert key_slot(channel_of(account_id).encode()) == key_slot(account_key(account_id).encode())
    assert channel_of(ADA) == f"events:{{{ADA}}}"
