-- Ends every session of the account, or those that began before a moment.
--
-- ARGV: 2 id of a session that stays, or empty, 3 that moment; 0 for every one, whenever it began.
-- Answers how many of them were alive until now.

local keep, before = ARGV[2], tonumber(ARGV[3])

local ended = 0
for _, record in ipairs(sweep(keep)) do
  if before == 0 or record.created < before then
    remove(record.id)
    ended = ended + 1
  end
end
if ended > 0 then settle() else stir() end
return ended
