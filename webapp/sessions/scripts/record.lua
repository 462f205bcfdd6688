-- Stands before every other script: what Redis has of one account, Redis's clock, and when a session is alive.
--
-- KEYS[1] is all of it, one hash: where the account is in. So a session takes less than 450 bytes of Redis, where a key of its
-- own, a list of them and a snapshot beside it took 642 (docs/decisions/0024). In it:
--
--   n, e, r, c       name, email, role of the account, and whether the email is confirmed: the snapshot
--   d                a second before which nothing in here is over
--   <slot><letter>   a field of a session (LETTERS). Its slot is the first three characters of its id, or the next three
--                    where another session has those, and so on.
--
-- ARGV[1] is '1' where an account that has nothing in this form yet may be given it (adopt.lua); arguments of the scripts
-- themselves begin with ARGV[2]. PUBLISH and CHANNEL stand before all of this: script.py puts them there, by the kind
-- of Redis.

local key = KEYS[1]
local tag = key:match('{.*}')
-- Time is Redis's own: several web processes never agree on theirs.
local clock = redis.call('TIME')
local now = tonumber(clock[1])

-- What a record may show, in the order in which record.py reads it; the secret's hash is not among it. The first five
-- are numbers, and without them a session cannot be judged. The others may be missing.
local FIELDS = {'created', 'seen', 'confirmed', 'idle', 'expires', 'remembered', 'method', 'device', 'address', 'name',
  'browser', 'shared'}
-- What a session's fields are called in its slot: one letter (4 bytes a session for each one more). The first of them are read
-- together; in the place of the hash stands 'was' where it was ended.
local LETTERS = {id = 'i', hash = 'h', times = 't', asked = 'k', method = 'm', device = 'd', address = 'a', name = 'n',
  browser = 'b', flags = 'f', spent = 's', next = 'N', next_before = 'P', old = 'o', older = 'O', ['until'] = 'u', was = 'w',
  reason = 'R', by = 'y', at = 'x'}
-- Created, and seconds from then on: seen, confirmed; idle; from then on again: expires, renewed, which a session of the
-- version before has only once it slid. In one field (26 bytes a session), and as text, so that one can read it.
local TIMES = '^(%d+) (%-?%d+) (%-?%d+) (%d+) (%d+) ?(%-?%d*)$'
local SLOT = 3
-- The snapshot's fields, in the order in which the store gives and reads them.
local ACCOUNT = {'n', 'e', 'r', 'c'}
-- Of nearly every session, so it is left out (16 bytes a session).
local USUAL_METHOD = 'password'
-- Eleven digits last until the year 5138 and stay exact in Lua's doubles.
local LONGEST_NUMBER, ENDLESS = 11, 1e11
-- Seconds for which a command that was sent may still arrive: a connection that is given up is Linux's to deliver. It sends
-- again for 924.6 s, and until the pause that is under way then is over, 120 s at most (tcp_retries2 in ip-sysctl).
local LATEST = 1200
-- A SHA-256 in base64url. No secret fits a hash of another length, and a session nobody can resume is not alive.
local HASH_LENGTH = 43

local function whole(text)
  return text and #text <= LONGEST_NUMBER and text:find('^%d+$') and tonumber(text)
end

local function is_moment(number)
  return number >= 0 and number < ENDLESS
end

local function ends(record)
  return math.min(record.seen + record.idle, record.expires)
end

-- Whether each of the moments of a record can be one.
local function has_moments(record)
  return is_moment(record.created) and is_moment(record.seen) and is_moment(record.confirmed) and is_moment(record.idle)
    and is_moment(record.expires)
end

-- Writes the moments as they stand in the field.
local function times_of(record)
  local created = record.created
  local renewed = record.renewed and ('%d'):format(record.renewed - created) or ''
  return ('%d %d %d %d %d %s'):format(created, record.seen - created, record.confirmed - created, record.idle,
    record.expires - created, renewed)
end

-- What stands of a session in its slot, or false where that is nothing, or cannot be judged.
local function record_of(slot, id, hash, times, asked, method, device, address, name, browser, flags)
  if not id or not hash or #hash ~= HASH_LENGTH then return false end
  local created, seen, confirmed, idle, lifetime, renewed = (times or ''):match(TIMES)
  if not created then return false end
  -- All at once: a table that grows is made anew (1 us a page).
  local record = {slot = slot, id = id, hash = hash, created = tonumber(created), seen = created + seen,
    confirmed = created + confirmed, idle = tonumber(idle), expires = created + lifetime,
    renewed = renewed ~= '' and renewed ~= '-' and created + renewed,
    remembered = (flags == '1' or flags == '3') and '1', shared = (flags == '2' or flags == '3') and '1', asked = asked,
    method = method or USUAL_METHOD, device = device, address = address, name = name, browser = browser, owner = false}
  return has_moments(record) and record
end

-- Gives the fields of a session whose hash is in the field of `letter`, and those of the account behind them: one search of
-- the hash for both (3 us a page).
local function fetch(slot, letter)
  return redis.call('HMGET', key, slot .. 'i', slot .. letter, slot .. 't', slot .. 'k', slot .. 'm', slot .. 'd', slot .. 'a',
    slot .. 'n', slot .. 'b', slot .. 'f', 'n', 'e', 'r', 'c')
end

-- The slots that an id may have, the nearest first.
local function slots_of(id)
  local slots, names = {}, {}
  for first = 1, #id - SLOT + 1, SLOT do
    slots[#slots + 1] = id:sub(first, first + SLOT - 1)
    names[#names + 1] = slots[#slots] .. LETTERS.id
  end
  return slots, #slots > 0 and redis.call('HMGET', key, unpack(names)) or {}
end

-- The slot in which a session stands, or false.
local function slot_of(id)
  local slots, ids = slots_of(id)
  for place, slot in ipairs(slots) do
    if ids[place] == id then return slot end
  end
  return false
end

-- The slot that a new session takes. Nobody has so many that none is left: each of the seven is another's by a chance of one
-- in 262,144 for every session of the account.
local function free_slot(id)
  local slots, ids = slots_of(id)
  for place, slot in ipairs(slots) do
    if not ids[place] then return slot end
  end
  error('no slot is left')
end

-- Set by adopt.lua: takes over what the version before has left of one session, which its list does not name.
local adopt = function() return false end
-- The ids of which nothing was found: a forged token is searched for once (20 us each).
local unknown = {}

-- The record of a session whose hash is in the field of `letter`, with its account's snapshot in `owner`; else false.
local function read(id, letter)
  if unknown[id] then return false end
  local slot = id:sub(1, SLOT)
  local values = fetch(slot, letter)
  if values[1] ~= id then
    slot = slot_of(id) or adopt(id)
    unknown[id] = not slot
    if not slot then return false end
    values = fetch(slot, letter)
  end
  local record = record_of(slot, unpack(values))
  if record then record.owner = {values[11], values[12], values[13], values[14]} end
  return record
end

-- The record of a session that is alive; false when it is over, unknown or damaged.
local function living(id)
  local record = read(id, 'h')
  return record and now < ends(record) and record
end

-- What is left of a session that was ended before its time, with the hash of its last secret in 'was'; else false. It lies
-- where the session did: while a cluster moves an account no new key can be written, and a session has to end all the same.
local function ended(id)
  return read(id, 'w')
end

-- Sets fields of a session; every second of what is given is a value, of a name in LETTERS.
local function set(record, ...)
  local words = {...}
  for place = 1, #words, 2 do
    words[place] = record.slot .. LETTERS[words[place]]
  end
  redis.call('HSET', key, unpack(words))
end

-- Takes fields of a session away. It needs no memory: scripts begin with it, or with schedule(), so that a full Redis lets the
-- rest go on.
local function drop(record, ...)
  local words = {...}
  for place, name in ipairs(words) do
    words[place] = record.slot .. LETTERS[name]
  end
  redis.call('HDEL', key, unpack(words))
end

-- What may leave Redis of a record: its id, then FIELDS.
local function shown(record)
  local row = {record.id}
  for place, field in ipairs(FIELDS) do
    row[place + 1] = record[field] or false
  end
  return row
end

-- The account's snapshot out of a record, or false when something of it is missing.
local function account(record)
  local owner = record.owner
  return owner[1] and owner[2] and owner[3] and owner[4] and owner
end

-- Writes a new session, of whose fields `named` has the words of LETTERS and FIELDS.
local function write(named)
  local record, words = {slot = slot_of(named.id) or free_slot(named.id)}, {}
  named.times = times_of(named)
  named.flags = (named.remembered == '1' and 1 or 0) + (named.shared == '1' and 2 or 0)
  named.flags = named.flags > 0 and named.flags or nil
  if named.method == USUAL_METHOD then named.method = nil end
  for name in pairs(LETTERS) do
    if named[name] then
      words[#words + 1] = name
      words[#words + 1] = named[name]
    end
  end
  set(record, unpack(words))
  unknown[named.id] = nil
end
