-- Forgets how sessions were ended; one that lives is left alone.
--
-- ARGV: from 2 on session ids.
-- Answers of how many that was known.

stir()
local known = 0
for place = 2, #ARGV do
  if not living(ARGV[place]) then known = known + redis.call('DEL', prefix .. ARGV[place]) end
end
return known
