-- Takes one try from two limits, or from neither.
--
-- KEYS    lists of the times of the tries that were allowed, newest first
-- ARGV    the window in milliseconds, then the limit for each key
-- returns how many milliseconds to wait; 0 means that the try is counted and allowed
--
-- In any window of that length there are never more tries than the limit (a moving window). The clock is this server's,
-- so that processes with clocks of their own agree. Refused tries are not counted: pressing on locks nobody out longer.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[1])

local wait = 0
for place, key in ipairs(KEYS) do
  -- The oldest try that can still stand in the way: with it there are as many as the limit.
  local oldest = redis.call('LINDEX', key, ARGV[place + 1] - 1)
  if oldest then
    wait = math.max(wait, oldest + window - now)
  end
end
if wait > 0 then
  return wait
end

for place, key in ipairs(KEYS) do
  redis.call('LPUSH', key, now)
  redis.call('LTRIM', key, 0, ARGV[place + 1] - 1)
  redis.call('PEXPIRE', key, window)
end
return 0
