-- Takes one try from all of its limits, or from none.
--
-- KEYS    lists of the times of the tries that were allowed, newest first, one for each limit; then, if failures are
--         counted, the row of an account's failures
-- ARGV    the window in milliseconds; how long the row of how many failures, each in seconds, and for how many at the
--         most; then the limit for each list
-- returns how many milliseconds to wait (0: the try is counted and allowed), and how many tries stand in the row
--
-- In any window of that length there are never more tries than the limit (a moving window). The clock is this server's,
-- so that processes with clocks of their own agree; put back, it makes no wait longer than the window, or than the row may
-- live. Refused tries are not counted: pressing on locks nobody out longer.
-- The row is no window. It is over when the right password comes, or when it was not continued for long.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window, longest_row, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local most_steps = tonumber(ARGV[4])
local lists = #ARGV - 4
local row = KEYS[lists + 1]

if row and tonumber(redis.call('GET', row) or 0) >= longest_row then
  -- A moment before it ends, what is left rounds to nothing, and nothing means that the try is allowed.
  return {math.min(math.max(redis.call('PTTL', row), 1), most_steps * step * 1000), longest_row}
end

local wait = 0
for place = 1, lists do
  -- The oldest try that can still stand in the way: with it there are as many as the limit.
  local oldest = redis.call('LINDEX', KEYS[place], ARGV[4 + place] - 1)
  if oldest then
    wait = math.max(wait, math.min(oldest + window - now, window))
  end
end
if wait > 0 then
  return {wait, 0}
end

for place = 1, lists do
  redis.call('LPUSH', KEYS[place], now)
  redis.call('LTRIM', KEYS[place], 0, ARGV[4 + place] - 1)
  redis.call('PEXPIRE', KEYS[place], window)
end
if not row then
  return {0, 0}
end
local failures = redis.call('INCR', row)
redis.call('EXPIRE', row, math.min(failures, most_steps) * step)
return {0, failures}
