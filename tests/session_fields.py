"""How a session stands in the one hash of its account, read and written from outside: record.lua's layout, in tests."""

import re
from collections.abc import Mapping

LETTERS = {
    "id": "i",
    "hash": "h",
    "times": "t",
    "asked": "k",
    "method": "m",
    "device": "d",
    "address": "a",
    "name": "n",
    "browser": "b",
    "flags": "f",
    "spent": "s",
    "next": "N",
    "next_before": "P",
    "old": "o",
    "older": "O",
    "until": "u",
    "was": "w",
    "reason": "R",
    "by": "y",
    "at": "x",
}
NAMES = {letter: name for name, letter in LETTERS.items()}
SLOT = 3
# The moments that stand in one field, in their order; these are counted from the first of them.
TIMES = ("created", "seen", "confirmed", "idle", "expires", "renewed")
COUNTED = {"seen", "confirmed", "expires", "renewed"}
FLAGS = {"": ("0", "0"), "1": ("1", "0"), "2": ("0", "1"), "3": ("1", "1")}
# The second before which nothing of the account is over.
DUE = "d"
# What says of the account itself.
ACCOUNT = {"name": "n", "email": "e", "role": "r", "confirmed": "c"}
# What a record says of time. Rewriting these is how time passes in a test; not every record has every one of them.
MOMENTS = ("created", "seen", "confirmed", "expires", "renewed", "until")
# Takes the hash, the id of a session or nothing for all of them, the seconds that pass, and the moments that they move.
AGE = """
local id, seconds, moments = ARGV[1], tonumber(ARGV[2]), {}
for place = 3, #ARGV do moments[ARGV[place]] = seconds end
local function aged(slot)
  local times = {}
  for number in (redis.call('HGET', KEYS[1], slot .. 't') or ''):gmatch('%S+') do
    times[#times + 1] = tonumber(number)
  end
  local before = times[1]
  if not before then return end
  times[1] = before - (moments.created or 0)
  for place, name in pairs({[2] = 'seen', [3] = 'confirmed', [5] = 'expires', [6] = 'renewed'}) do
    if times[place] then times[place] = before + times[place] - (moments[name] or 0) - times[1] end
  end
  for place, number in ipairs(times) do times[place] = ('%d'):format(number) end
  redis.call('HSET', KEYS[1], slot .. 't', table.concat(times, ' '))
  local till = redis.call('HGET', KEYS[1], slot .. 'u')
  if till and moments['until'] then redis.call('HSET', KEYS[1], slot .. 'u', till - seconds) end
end
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  local slot = #name == 4 and name:sub(4) == 'i' and name:sub(1, 3)
  if slot and (id == '' or redis.call('HGET', KEYS[1], name) == id) then aged(slot) end
end
local due = redis.call('HGET', KEYS[1], 'd')
if due then redis.call('HSET', KEYS[1], 'd', due - seconds) end
"""


def account_key(account_id: str) -> str:
    """Name the hash of an account."""
    return f"in:{{{account_id}}}"


def slot_of(fields: Mapping[str, str], session_id: str) -> str:
    """Give what the fields of a session begin with; what they would begin with where there is none."""
    places = [name[:SLOT] for name, value in fields.items() if name[SLOT:] == "i" and value == session_id]
    return (places or [session_id[:SLOT]])[0]


def fields_of(fields: Mapping[str, str], session_id: str) -> list[str]:
    """Name the fields of a session."""
    slot = slot_of(fields, session_id)
    return [name for name in fields if _is_of(name, slot)]


def is_left(fields: Mapping[str, str]) -> bool:
    """Whether nothing stands in an account's hash but how sessions were ended."""
    slots = {name[:SLOT] for name in fields if name[SLOT:] == LETTERS["was"]}
    return all(name[:SLOT] in slots or name == DUE for name in fields)


def session_in(fields: Mapping[str, str], session_id: str) -> dict[str, str]:
    """Give what is held of a session, each moment by its own name; nothing where there is none."""
    slot = slot_of(fields, session_id)
    if fields.get(f"{slot}i") != session_id:
        return {}
    held = {NAMES.get(name[SLOT:], name[SLOT:]): value for name, value in fields.items() if _is_of(name, slot)}
    remembered, shared = FLAGS.get(held.pop("flags", ""), FLAGS[""])
    held |= {"remembered": remembered, "method": held.get("method", "password")}
    held |= {"shared": shared} if shared == "1" else {}
    held |= _moments(held.pop("times", ""))
    del held["id"]
    return held


def sessions_in(fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Give every session of an account by its id, those that were ended too."""
    ids = [value for name, value in fields.items() if len(name) == SLOT + 1 and name[SLOT] == "i"]
    return {session_id: session_in(fields, session_id) for session_id in ids}


def snapshot_in(fields: Mapping[str, str]) -> dict[str, str]:
    """Give what is held of the account itself."""
    return {name: fields[letter] for name, letter in ACCOUNT.items() if letter in fields}


def changed(fields: Mapping[str, str], session_id: str, name: str, value: str | None) -> tuple[str, str | None]:
    """Give the field that holds ``name``, and what it is to hold; None where it is to go."""
    slot = slot_of(fields, session_id)
    if name in TIMES:
        return f"{slot}t", _with_moment(fields.get(f"{slot}t", ""), name, value)
    if name in {"remembered", "shared"}:
        held = {"shared": "0"} | session_in(fields, session_id) | {name: value or "0"}
        flags = held["remembered"], held["shared"]
        return f"{slot}f", next((flag for flag, both in FLAGS.items() if both == flags), value) or None
    return f"{slot}{LETTERS.get(name, name)}", value


def _is_of(name: str, slot: str) -> bool:
    return name.startswith(slot) and len(name) > SLOT


def _moments(times: str) -> dict[str, str]:
    numbers = dict(zip(TIMES, times.split(), strict=False))
    begun = int(numbers.get("created", 0))
    return {name: str(int(number) + begun) if name in COUNTED else number for name, number in numbers.items()}


def _with_moment(times: str, name: str, value: str | None) -> str:
    """Put a moment in the place of another, as it is where it is no number."""
    moments = _moments(times)
    if value is None:
        moments.pop(name, None)
    else:
        moments[name] = value
    begun = moments.get("created", "")
    texts = {one: moments.get(one, "") for one in TIMES}
    return " ".join(_counted(text, begun) if one in COUNTED else text for one, text in texts.items())


def _counted(value: str, begun: str) -> str:
    are_numbers = re.fullmatch("-?[0-9]+", value) and re.fullmatch("-?[0-9]+", begun)
    return str(int(value) - int(begun)) if are_numbers else value
