-- Forgets what is counted under all KEYS.

return redis.call('DEL', unpack(KEYS))
