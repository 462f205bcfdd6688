-- Leaves of a session that was ended what look.lua tells its browser, and by which it knows that one. The rest stands in the
-- history by now, its address cut. One that lives is left alone.
--
-- ARGV: 2 session id.
-- Answers how many fields went.

local id = ARGV[2]

local needed = {was = true, reason = true, by = true, at = true}
for _, field in ipairs(HASHES) do needed[field] = true end
-- Without these no record can be judged, an ended one neither.
for place = 1, NUMBERS do needed[FIELDS[place]] = true end

local rest = {}
if not living(id) and ended(id) then
  for _, field in ipairs(redis.call('HKEYS', prefix .. id)) do
    if not needed[field] then rest[#rest + 1] = field end
  end
end
-- It needs no memory, so a full Redis keeps no address.
if #rest > 0 then redis.call('HDEL', prefix .. id, unpack(rest)) else stir() end
return #rest
