-- Gives a living session a name of the person's own. One that is over is not brought back.
--
-- ARGV: 2 session id, 3 name, empty to take it away.
-- Answers 1 when it was done, else 0.

local id, name = ARGV[2], ARGV[3]

local record = living(id)
if not record then
  stir()
  return 0
end
redis.call('HSET', prefix .. id, 'name', name)
-- Nobody has every list made anew by the name that it has already.
if (record.name or '') ~= name then tell('renamed', {id}) end
return 1
