-- Stands before every script of the first form: what has been taken over in the meantime is not brought back (adopt.lua).
--
-- Where the list or the snapshot stands, nothing was. So a cluster that moves the account is not asked for a key that it does
-- not have, which it would refuse.

if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 and redis.call('EXISTS', 'in:' .. KEYS[1]:match('{.*}')) == 1 then
  return 'moved'
end
