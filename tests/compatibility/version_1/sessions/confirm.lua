-- Notes that the password was just given in a living session. One that is over is not brought back.
--
-- ARGV: 2 session id.
-- Answers 1 when it was done, else 0.

local id = ARGV[2]

if not living(id) then return 0 end
redis.call('HSET', prefix .. id, 'confirmed', now)
return 1
