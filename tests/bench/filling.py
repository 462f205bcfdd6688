"""A Redis with as many sessions as wanted: a few that the real service wrote, and the rest as copies of these.

What a copy is worth is asked of Redis itself: each key has the same type, encoding, fields, end and bytes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from own_redis import StandaloneRedis
from session_fields import LETTERS, SLOT, account_key
from session_world import HOUR, MARKS, MINUTE, World

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import new_public_id

FILL = Path(__file__).with_name("fill.lua").read_text()
# Of each account.
DEVICES = 2
# Copies that one call writes: others would wait for a tenth of a second.
AT_ONCE = 5000
# A session in use gets another secret after so many seconds, and its record says so of the last ten.
RENEWED, REMEMBERED = 10 * MINUTE + 1, 10
# Ids and hashes of secrets, which no two sessions have in common.
OWN = re.compile(r"[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{22}")
NOBODY = "203.0.113.7"


@dataclass
class Recipe:
    """The keys of one account, to be written again under other names."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    def parts(self, text: str) -> list[str | int]:
        """Take a text apart where it names what is its account's or its session's own."""
        if text in self.own:
            return [self.own.index(text) + 1]
        found = re.split("|".join(map(re.escape, self.own)), text)
        names = [self.own.index(each) + 1 for each in re.findall("|".join(map(re.escape, self.own)), text)]
        parts: list[str | int] = [found[0]]
        for name, rest in zip(names, found[1:], strict=True):
            parts += [name, rest]
        return [part for part in parts if part != ""]

    def field_parts(self, name: str, held: Mapping[str, str]) -> list[str | int]:
        """Take the name of a field apart: its first characters are those of a session's id, whose number is below 0."""
        session_id = held.get(f"{name[:SLOT]}{LETTERS['id']}")
        return [-self.own.index(session_id) - 1, name[SLOT:]] if session_id and len(name) > SLOT else [name]


@dataclass(frozen=True, slots=True)
class Form:
    """A key as Redis keeps it: what it is, without what differs from one account to another."""

    type: str
    encoding: str
    fields: tuple[str, ...]
    left: int
    # Two of a kind may differ by some bytes, as it is with C's own malloc: what it had at hand when each one grew.
    size: int = field(compare=False)


async def visited(world: World, account: AccountSnapshot, renewals: int) -> str:
    """Sign somebody in, who then uses the session until it has had so many other secrets; gives its token.

    The last visit was a minute after the last of them: what was needed while it was under way is forgotten.
    """
    token = (await world.sign_in(account, remember=True, address=NOBODY, browser=new_public_id())).token
    for _ in range(renewals):
        token = await renewed(world, token)
        await world.age(token, MINUTE + 1)
        assert await world.resumes(token)
    return token


async def renewed(world: World, token: str) -> str:
    """Let ten minutes pass, and the session have another secret; gives the token with it."""
    token = await offered(world, token)
    assert await world.resumes(token)
    return token


async def offered(world: World, token: str) -> str:
    """Let ten minutes pass, and the browser be handed another secret, which it has not shown yet."""
    await world.age(token, RENEWED)
    resumed = await world.service.resume(token, address=NOBODY)
    assert resumed is not None
    assert resumed.cookie is not None
    assert resumed.cookie != token
    return resumed.cookie


def recipe_of(redis: StandaloneRedis, account_id: str) -> Recipe:
    """Read the keys of an account; not the marks of calls, which go after twenty minutes."""
    recipe = Recipe([], [account_id])
    now = int(redis.cli("TIME")[0])
    for key in keys_of(redis, account_id):
        held: dict[str, str] = redis.cli("HGETALL", key)
        found = [each for text in held.values() for each in OWN.findall(text) if len(text) == len(each)]
        recipe.own += [each for each in dict.fromkeys(found) if each not in recipe.own]
        texts = [
            parts for name, value in held.items() for parts in (recipe.field_parts(name, held), recipe.parts(value))
        ]
        ends = now + round(redis.cli("PTTL", key) / 1000)
        recipe.keys.append({"name": recipe.parts(key), "held": texts, "ends": ends})
    return recipe


def fill(redis: StandaloneRedis, recipe: Recipe, accounts: int, *, first: int = 1) -> None:
    """Write so many copies, of which the first has that number."""
    keys, lengths = json.dumps(recipe.keys), json.dumps([len(each) for each in recipe.own])
    for start in range(first, first + accounts, AT_ONCE):
        last = min(start + AT_ONCE, first + accounts) - 1
        redis.cli("EVAL", FILL, 0, keys, lengths, start, last)


def forms_of(redis: StandaloneRedis, account_id: str) -> list[Form]:
    """Tell how Redis keeps an account's keys, in an order that names do not change."""
    return sorted((_form(redis, name) for name in keys_of(redis, account_id)), key=lambda form: form.fields)


def any_copy(redis: StandaloneRedis, own: Sequence[str]) -> str:
    """Give the id of an account that is none of ``own``."""
    while True:
        [found] = OWN.findall(redis.cli("RANDOMKEY"))[:1]
        if found not in own:
            return str(found)


def keys_of(redis: StandaloneRedis, account_id: str) -> list[str]:
    """Name an account's keys: the one in which all of it stands."""
    return [name for name in [account_key(account_id)] if redis.cli("EXISTS", name)]


def size_of(redis: StandaloneRedis, account_id: str) -> int:
    """Give the bytes of all keys of an account."""
    return sum(redis.cli("MEMORY", "USAGE", name, "SAMPLES", 0) for name in keys_of(redis, account_id))


def _form(redis: StandaloneRedis, name: str) -> Form:
    kind, encoding = redis.cli("TYPE", name), redis.cli("OBJECT", "ENCODING", name)
    # Without the characters that are a session's own.
    fields = tuple(field[SLOT:] or field for field in redis.cli("HKEYS", name))
    # To the hour, since the copies are looked at some seconds after what they are copies of.
    left = round(redis.cli("PTTL", name) / 1000 / HOUR)
    return Form(kind, encoding, fields, left, redis.cli("MEMORY", "USAGE", name, "SAMPLES", 0))


def unmarked(redis: StandaloneRedis) -> None:
    """Take away the marks of calls, as time does within twenty minutes."""
    for name in redis.cli("KEYS", f"{MARKS}*"):
        redis.cli("DEL", name)
