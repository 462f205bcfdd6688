-- Makes a candidate that was shown the secret; the one before stays good for a while.
--
-- ARGV: 2 session id, 3 hash of the candidate.
-- Answers 1 when it is the secret now, or was until a moment ago, else 0.
--
-- A copy of this call that comes late finds no candidate any more, and changes nothing.

local id, hash = ARGV[2], ARGV[3]

local record = living(id)
local verdict = record and judge(record, hash)
if verdict ~= 'candidate' then
  stir()
  return (verdict == 'current' or verdict == 'old') and 1 or 0
end

-- First, since it needs no memory: a full Redis then lets the rest go on.
schedule(record)
if is_unsettled(record) then
  -- Nobody knows yet which of the two stays: each is as good as the other for as long.
  set(record, 'hash', hash, 'next_before', record.hash)
  return 1
end
-- Two candidates may be shown within a moment, when an answer was late: then two before them are good for a while.
if record.old and now < record.good_until then
  set(record, 'older', record.old)
else
  drop(record, 'older')
end
-- The other one may still be under way. It is the older of what comes, whichever was offered first.
local other = hash == record.next and record.next_before or hash ~= record.next and record.next
if other then
  set(record, 'next_before', other)
else
  drop(record, 'next_before', 'asked')
end
drop(record, 'next')
set(record, 'hash', hash, 'old', record.hash, 'until', now + GRACE)
spend(record, record.hash)
return 1
