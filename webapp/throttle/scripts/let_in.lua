-- Forgets the tries of somebody who has given the right password, and counts that; too often is refused.
--
-- KEYS    the row of the account's failures; the list of the times of right passwords, newest first; then the list of
--         this account's tries from here, and those that others share
-- ARGV    the window of right passwords in milliseconds, and how many it allows
-- returns how many milliseconds to wait; 0 means that it was not too often
--
-- The shared ones get back the one try that was right, and no more: otherwise an attacker with an account of his own
-- would sign in to it now and then, and go on guessing at others. Whoever is refused gets no try back, but for the row:
-- whatever else is wrong, the password was not.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local rights = KEYS[2]

redis.call('DEL', KEYS[1])
-- The oldest one that can still stand in the way: with it there are as many as the limit.
local oldest = redis.call('LINDEX', rights, limit - 1)
local wait = oldest and math.min(oldest + window - now, window) or 0
if wait > 0 then
  return wait
end

redis.call('LPUSH', rights, now)
redis.call('LTRIM', rights, 0, limit - 1)
redis.call('PEXPIRE', rights, window)
for place = 3, #KEYS do
  redis.call(place == 3 and 'DEL' or 'LPOP', KEYS[place])
end
return 0
