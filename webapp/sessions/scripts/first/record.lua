-- Stands before every other script: the keys of one account, Redis's clock, and when a session is alive.
--
-- KEYS[1] is the index, KEYS[2] the account's snapshot, ARGV[1] what the key of each of its sessions begins with. Those
-- are put together in here, because only the index knows them all. They carry the hash tag of the two declared keys, so
-- that on a cluster all of them lie in the one slot this script was sent to.
--
-- Arguments of the scripts themselves begin with ARGV[2]. PUBLISH and CHANNEL stand before all of this: script.py puts them
-- there, by the kind of Redis.

local index, snapshot, prefix = KEYS[1], KEYS[2], ARGV[1]
-- Time is Redis's own: several web processes never agree on theirs.
local now = tonumber(redis.call('TIME')[1])

-- What a record may show, in the order in which record.py reads it; the secret's hash is not among it. The first five
-- are numbers, and without them a session cannot be judged. The others may be missing.
local FIELDS = {'created', 'seen', 'confirmed', 'idle', 'expires', 'remembered', 'method', 'device', 'address', 'name',
  'browser', 'shared'}
local NUMBERS = 5
-- What the snapshot holds of the account, in the order in which the store gives and reads it.
local ACCOUNT = {'name', 'email', 'role', 'confirmed'}
-- Eleven digits last until the year 5138 and stay exact in Lua's doubles.
local LONGEST_NUMBER = 11
-- Seconds for which a command that was sent may still arrive: a connection that is given up is Linux's to deliver. It sends
-- again for 924.6 s, and until the pause that is under way then is over, 120 s at most (tcp_retries2 in ip-sysctl).
local LATEST = 1200
-- A SHA-256 in base64url. No secret fits a hash of another length, and a session nobody can resume is not alive.
local HASH_LENGTH = 43
-- Seconds for which it is remembered how a session was ended, from the moment at which it would have ended by itself: until
-- whoever writes the history has looked at it, and the browser has come back.
local TOLD = 2 * 86400
-- But never for longer than the history has the line of its end, by which erasing an account finds it (KEPT in
-- history/model.py).
local LONGEST_TOLD = 90 * 86400
-- Of these no browser is told, so that they go as soon as the history has them: from the moment of the end on.
local TOLD_TO_NOBODY = {['signed-out'] = true, replaced = true, refused = true}
-- The most ids in one message to those who listen: 50 of 23 characters are little more than a kilobyte, however many
-- sessions an account holds.
local IDS_AT_ONCE = 50

local function whole(text)
  return text and #text <= LONGEST_NUMBER and text:find('^%d+$') and tonumber(text)
end

local function ends(record)
  return math.min(record.seen + record.idle, record.expires)
end

-- What a key holds of a session whose hash is in `field`, or false where that is nothing, or cannot be judged.
local function read(id, field)
  -- pcall, because a key of another type is damage too.
  local values = redis.pcall('HMGET', prefix .. id, field, 'asked', unpack(FIELDS))
  if values.err or not values[1] or #values[1] ~= HASH_LENGTH then return false end
  local record = {id = id, hash = values[1], asked = values[2]}
  for place, field in ipairs(FIELDS) do
    local value = values[place + 2]
    if place <= NUMBERS then
      value = whole(value)
      if not value then return false end
    end
    record[field] = value
  end
  return record
end

-- The record of a session that is alive; false when it is over, unknown or damaged. Raises an error while a cluster
-- moves the account to another node and has the record there already, or not yet.
local function living(id)
  -- Asked for one missing key alone, the node that an account moves to says that there is none. Asked for two at once,
  -- both nodes refuse.
  redis.call('EXISTS', prefix .. id, index)
  local record = read(id, 'hash')
  return record and now < ends(record) and record
end

-- Tells those who listen that they should look at these sessions again: the account, `kind` (news.py), the ids. Whatever has
-- happened to the sessions, a look that follows finds it done, since nobody is answered before the script is over.
--
-- pcall, because nobody is kept from ending a session for want of the right to tell of it: a Redis user may have all commands
-- and not one channel. A cluster of before 7.0 does not know SPUBLISH, and there every node passes on what is published.
local function tell(kind, ids)
  local account = prefix:match('{(.*)}')
  local channel = CHANNEL:format(account)
  for first = 1, #ids, IDS_AT_ONCE do
    local some = table.concat(ids, ' ', first, math.min(first + IDS_AT_ONCE - 1, #ids))
    local message = account .. ' ' .. kind .. ' ' .. some
    local answer = redis.pcall(PUBLISH, channel, message)
    if type(answer) == 'table' and PUBLISH ~= 'PUBLISH' then redis.pcall('PUBLISH', channel, message) end
  end
end

-- What may leave Redis of a record: its id, then FIELDS.
local function shown(record)
  local row = {record.id}
  for place, field in ipairs(FIELDS) do
    row[place + 1] = record[field]
  end
  return row
end

-- Index and snapshot last as long as the longest session, and go with the last one.
local function settle()
  local furthest = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')[2]
  if furthest then
    redis.call('EXPIREAT', index, furthest)
    redis.call('EXPIREAT', snapshot, furthest)
  else
    redis.call('DEL', snapshot)
  end
end

-- Writes down when a session ends: its key goes at that second, and the index knows of it.
local function schedule(record)
  redis.call('EXPIREAT', prefix .. record.id, ends(record))
  redis.call('ZADD', index, ends(record), record.id)
  settle()
end

-- What is left of a session that was ended before its time, with the hash of its last secret in `was`; else false. It lies
-- where the session did: while a cluster moves an account no new key can be written, and a session has to end all the same.
local function ended(id)
  return read(id, 'was')
end

-- Takes what is dead out of Redis and out of the index; false when there was nothing. The caller settles.
local function remove(id)
  local gone = not ended(id) and redis.call('DEL', prefix .. id) or 0
  return gone + redis.call('ZREM', index, id) > 0
end

-- Ends a living session, and leaves why, from which device and when beside all that was known of it. The caller
-- settles, and tells of it.
local function finish(record, reason, by)
  local key = prefix .. record.id
  -- First, since it needs no memory: a full Redis keeps nobody from ending a session. Without a hash no secret opens it, for
  -- a process of the version before neither.
  redis.call('HDEL', key, 'hash')
  redis.call('HSET', key, 'was', record.hash, 'reason', reason, 'at', now)
  if by ~= '' then redis.call('HSET', key, 'by', by) end
  redis.call('EXPIREAT', key, math.min((TOLD_TO_NOBODY[reason] and now or ends(record)) + TOLD, now + LONGEST_TOLD))
  redis.call('ZREM', index, record.id)
end

-- Removes what is dead in the index and gives the living, without the one called `except`.
local function sweep(except)
  local alive, dead = {}, false
  for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    local record = living(id)
    if not record then
      remove(id)
      dead = true
    elseif id ~= except then
      alive[#alive + 1] = record
    end
  end
  if dead then settle() end
  return alive
end

-- The account's snapshot, or false when something of it is missing: version 1 writes one without `confirmed`.
local function account()
  local values = redis.call('HMGET', snapshot, unpack(ACCOUNT))
  for place = 1, #ACCOUNT do
    if not values[place] then return false end
  end
  return values
end

-- Writes the snapshot's fields, the first of which is ARGV[first], with HSET or HSETNX. The caller settles.
local function put(command, first)
  for place, field in ipairs(ACCOUNT) do
    redis.call(command, snapshot, field, ARGV[first + place - 1])
  end
end

-- Writes something that changes nothing. WAIT counts what its own connection has written: where a script finds that all is
-- done already, that was another one's doing, and without a write here nobody would wait for it to reach a replica.
local function stir()
  -- First what needs no memory: a full Redis refuses a script that begins with anything else, and then lets it go on.
  redis.call('ZREM', index, '')
  redis.call('ZADD', index, now, '')
  redis.call('ZREM', index, '')
end

-- The key that remembers a call by its own name, which nobody else gives.
local function mark(call)
  return prefix:gsub('^session:', 'done:') .. call
end

-- Tells whether this call was here before: redis-py sends a second copy where the first is not answered in time, and the
-- first may come after it, when more has happened since. The index is asked for with it, as in living().
local function done(call)
  redis.call('EXISTS', mark(call), index)
  return redis.call('EXISTS', mark(call)) == 1
end

-- Remembers a call for as long as another copy of it may come.
local function note(call)
  redis.call('SET', mark(call), '', 'EX', LATEST)
end
