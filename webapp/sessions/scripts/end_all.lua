-- Ends every session of the account.
--
-- ARGV: 2 id of a session that stays, or empty.
-- Answers how many were alive until now.

local alive = sweep(ARGV[2])
for _, record in ipairs(alive) do
  remove(record.id)
end
if #alive > 0 then settle() else stir() end
return #alive
