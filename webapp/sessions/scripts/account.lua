-- Stands behind record.lua and before secrets.lua: all the sessions of the account, how one ends, and how long anything stays.

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

-- Tells those who listen that they should look at these sessions again: the account, `kind` (news.py), the ids. Whatever has
-- happened to the sessions, a look that follows finds it done, since nobody is answered before the script is over.
--
-- pcall, because nobody is kept from ending a session for want of the right to tell of it: a Redis user may have all commands
-- and not one channel. A cluster of before 7.0 does not know SPUBLISH, and there every node passes on what is published.
local function tell(kind, ids)
  local name = tag:sub(2, -2)
  local channel = CHANNEL:format(name)
  for first = 1, #ids, IDS_AT_ONCE do
    local some = table.concat(ids, ' ', first, math.min(first + IDS_AT_ONCE - 1, #ids))
    local message = name .. ' ' .. kind .. ' ' .. some
    local answer = redis.pcall(PUBLISH, channel, message)
    if type(answer) == 'table' and PUBLISH ~= 'PUBLISH' then redis.pcall('PUBLISH', channel, message) end
  end
end

-- The second from which on nothing of a session that was ended stays.
local function told_until(record, reason, at)
  return math.min((TOLD_TO_NOBODY[reason] and at or ends(record)) + TOLD, at + LONGEST_TOLD)
end

-- Everything that stands in a slot: {slot, names of the fields, values by letter}, in the order in which they came.
local function slots()
  local found, places, fields = {}, {}, redis.call('HGETALL', key)
  for place = 1, #fields, 2 do
    local name = fields[place]
    if #name == SLOT + 1 then
      local slot = name:sub(1, SLOT)
      if not places[slot] then
        found[#found + 1] = {slot = slot, names = {}, values = {}}
        places[slot] = found[#found]
      end
      table.insert(places[slot].names, name)
      places[slot].values[name:sub(-1)] = fields[place + 1]
    end
  end
  return found
end

-- The record in a slot when it is alive, else false; and the second at which it goes, if nobody comes.
local function judge_slot(found)
  local held = found.values
  local record = record_of(found.slot, held.i, held.h or held.w, held.t, held.k, held.m, held.d, held.a, held.n, held.b, held.f)
  if not record then return false, 0 end
  if held.h then return now < ends(record) and record, ends(record) end
  local at = whole(held.x)
  return false, at and told_until(record, held.R, at) or 0
end

-- Looks through all slots: who is alive, what is over, and the first and last second at which something goes.
local function look_through()
  local all = {alive = {}, over = {}, first = ENDLESS, last = 0}
  for _, found in ipairs(slots()) do
    local record, goes = judge_slot(found)
    if goes <= now then
      all.over[#all.over + 1] = found.names
    else
      all.alive[#all.alive + 1] = record or nil
      all.first, all.last = math.min(all.first, goes), math.max(all.last, goes)
    end
  end
  return all
end

-- Takes out what is over, and the snapshot with the last session; the key goes with what stays longest. Gives the living.
local function settle()
  local all = look_through()
  -- First what needs no memory: a full Redis then lets the rest go on.
  for _, names in ipairs(all.over) do
    redis.call('HDEL', key, unpack(names))
  end
  if #all.alive == 0 then redis.call('HDEL', key, unpack(ACCOUNT)) end
  if all.last == 0 then
    redis.call('DEL', key)
  else
    redis.call('EXPIREAT', key, all.last)
    redis.call('HSET', key, 'd', all.first)
  end
  return all.alive
end

-- Gives the living without the one called `except`, and takes out what is over.
local function sweep(except)
  local all, others = look_through(), {}
  for _, record in ipairs(#all.over > 0 and settle() or all.alive) do
    if record.id ~= except then others[#others + 1] = record end
  end
  return others
end

-- Lets the key last as long as this session, where it does not last longer already. It needs no memory.
local function schedule(record)
  local left = redis.call('PTTL', key) / 1000
  -- EXPIRETIME would say it, but not in Redis 6.2.
  local last = left > 0 and math.floor(now + clock[2] / 1e6 + left + 0.5) or 0
  redis.call('EXPIREAT', key, math.max(last, ends(record)))
end

-- Takes away all that there is of a session; false when that is nothing. The caller settles.
local function forget(id)
  local slot, names = not unknown[id] and slot_of(id), {}
  if not slot then return false end
  for _, letter in pairs(LETTERS) do names[#names + 1] = slot .. letter end
  return redis.call('HDEL', key, unpack(names)) > 0
end

-- The same, but where it was ended before its time: that is still to be told.
local function remove(id)
  return not ended(id) and forget(id)
end

-- Ends a living session, and leaves why, from which device and when beside all that was known of it. The caller
-- settles, and tells of it.
local function finish(record, reason, by)
  -- First, since it needs no memory: a full Redis keeps nobody from ending a session. Without a hash no secret opens it.
  drop(record, 'hash')
  set(record, 'was', record.hash, 'reason', reason, 'at', now)
  if by ~= '' then set(record, 'by', by) end
end

-- Writes the snapshot's fields, the first of which is ARGV[first], with HSET or HSETNX. The caller settles.
local function put(command, first)
  for place, field in ipairs(ACCOUNT) do
    redis.call(command, key, field, ARGV[first + place - 1])
  end
end

-- Writes something that changes nothing. WAIT counts what its own connection has written: where a script finds that all is
-- done already, that was another one's doing, and without a write here nobody would wait for it to reach a replica.
local function stir()
  -- First what needs no memory: a full Redis refuses a script that begins with anything else, and then lets it go on.
  redis.call('HDEL', key, '')
  redis.call('HSET', key, '', '')
  redis.call('HDEL', key, '')
end

-- The key that remembers a call by its own name, which nobody else gives.
local function mark(call)
  return 'done:' .. tag .. ':' .. call
end

-- Tells whether this call was here before: redis-py sends a second copy where the first is not answered in time, and the
-- first may come after it, when more has happened since.
local function done(call)
  -- Asked for one missing key alone, the node that an account moves to says that there is none. Asked for two at once,
  -- both nodes refuse.
  redis.call('EXISTS', mark(call), key)
  return redis.call('EXISTS', mark(call)) == 1
end

-- Remembers a call for as long as another copy of it may come.
local function note(call)
  redis.call('SET', mark(call), '', 'EX', LATEST)
end
