-- Ends one session, and leaves why. Ending and unlisting are one step, so that a list never shows what is over.
--
-- ARGV: 2 session id, 3 hash of the secret where the caller must hold it, else empty, 4 what that has to be: 'own', held by
-- the caller's browser now, 'reused', superseded a while ago, or 'any' of the secrets since the last changed password,
-- 5 reason, 6 label of the device it is done from, or empty.
-- Answers 1 when the session was alive until now, else 0.

local id, hash, held, reason, by = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local record, twice = living(id), false
if record and hash ~= '' then
  local verdict = judge(record, hash)
  if not verdict or held == 'reused' and verdict ~= 'reused' then return 0 end
  -- Somebody signs out with a secret that another has taken the place of long ago: those are two holders all the same.
  twice = verdict == 'reused' and held ~= 'any'
end
if record then
  if twice then finish_twice(record, hash) else finish(record, reason, by) end
  settle()
  tell('ended', {id})
elseif remove(id) then
  settle()
else
  stir()
end
return record and 1 or 0
