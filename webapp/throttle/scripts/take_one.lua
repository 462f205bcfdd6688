-- Takes one mail, or one request of a kind, from a limit, or refuses it.
--
-- KEYS    the list of the times of those that were allowed, newest first
-- ARGV    the shortest pause between two and the longer window in milliseconds, then how many the window allows
-- returns how many milliseconds to wait; 0 means that it is counted and allowed
--
-- The clock is this server's, so that processes with clocks of their own agree. What is refused is not counted: asking
-- again and again never makes the wait longer; nor does a clock that was put back make it longer than the pause or the
-- window is, so that where there is no pause nobody waits for one.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pause, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local wait = 0
local newest = redis.call('LINDEX', KEYS[1], 0)
if newest then
  wait = math.min(newest + pause - now, pause)
end
-- The oldest one that can still stand in the way: with it there are as many as the window allows.
local oldest = redis.call('LINDEX', KEYS[1], limit - 1)
if oldest then
  wait = math.max(wait, math.min(oldest + window - now, window))
end
if wait > 0 then
  return wait
end

redis.call('LPUSH', KEYS[1], now)
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('PEXPIRE', KEYS[1], window)
return 0
