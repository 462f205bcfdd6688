-- Leaves of a session that was ended what look.lua tells its browser, and by which it knows that one. The rest stands in the
-- history by now, its address cut. One that lives is left alone.
--
-- ARGV: 2 session id.
-- Answers how many fields went.

local id = ARGV[2]

-- The moments are among it: without them no record can be judged, an ended one neither.
local needed = {}
for _, name in ipairs({'id', 'times', 'was', 'reason', 'by', 'at', unpack(HASHES)}) do
  needed[LETTERS[name]] = true
end

local record, rest = not living(id) and ended(id), {}
for _, name in ipairs(record and redis.call('HKEYS', key) or {}) do
  local is_its_own = #name == SLOT + 1 and name:sub(1, SLOT) == record.slot
  if is_its_own and not needed[name:sub(-1)] then rest[#rest + 1] = name end
end
-- It needs no memory, so a full Redis keeps no address.
if #rest > 0 then redis.call('HDEL', key, unpack(rest)) else stir() end
return #rest
