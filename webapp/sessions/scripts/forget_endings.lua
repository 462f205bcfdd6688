-- Forgets how sessions were ended; one that lives is left alone.
--
-- ARGV: from 2 on session ids.
-- Answers of how many that was known.

stir()
local known = 0
for place = 2, #ARGV do
  local id = ARGV[place]
  if not living(id) and forget(id) then known = known + 1 end
end
if known > 0 then settle() end
return known
