-- Writes a new session down, after making room for it where the account holds as many as it may.
--
-- ARGV: 2 session id, 3 limit, 4 lifetime in seconds, 5 to 8 what ACCOUNT names, 9 and 10 id and hash of the session
-- that this one replaces, or empty, 11 label of this device, from 12 on the other fields of the record, each followed by
-- its value.
-- Answers {now, session, those that had to go, 1 when it replaced a living one}; no session where this call was here
-- before, and what it started is over by now. A copy that comes late begins nothing: it would bring back, with its
-- secret, a session that was ended.

local id, limit, lifetime, by = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[11]

-- Raises where a cluster is moving the account: before anything has ended, not half way.
living(id)

if done(id) then
  stir()
  local record = living(id)
  return {now, record and shown(record), {}, 0}
end

-- What is replaced goes first: at the limit nobody else has to go for it. Only who holds its secret can have it replaced.
local old = living(ARGV[9])
local held = old and judge(old, ARGV[10])
-- A browser that was left with a secret of long ago: somebody else was handed those that came after it.
if held == 'reused' then finish_twice(old, ARGV[10]) elseif held then finish(old, 'replaced', by) end
local over = held and {old.id} or {}

local others = sweep(id)
-- Unused for longest comes first; of two seen in the same second, the older one.
table.sort(others, function(one, other)
  if one.seen ~= other.seen then return one.seen < other.seen end
  return one.created < other.created
end)
local displaced = {}
for place = 1, #others - limit + 1 do
  displaced[place] = shown(others[place])
  finish(others[place], 'limit', by)
  over[#over + 1] = others[place].id
end
-- Before all that Redis may yet refuse.
tell('ended', over)

-- The record comes before the rest: a full Redis refuses here, and nothing was begun. Only where room was made above has
-- this script written already, and then Redis lets it go on.
redis.call('HSET', prefix .. id, 'created', now, 'seen', now, 'confirmed', now, 'expires', now + lifetime,
  'renewed', now, unpack(ARGV, 12))
put('HSET', 5)
local record = living(id)
schedule(record)
note(id)
tell('started', {id})
return {now, shown(record), displaced, held and 1 or 0}
