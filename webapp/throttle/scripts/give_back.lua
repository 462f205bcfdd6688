-- Gives back what take_one.lua took last.
--
-- KEYS    the list of the times of those that were allowed, newest first

redis.call('LPOP', KEYS[1])
return 0
