-- Notes that the password was just given in a living session. One that is over is not brought back.
--
-- ARGV: 2 session id, 3 a name of this call's own: a copy of it that comes late is no password given once more.
-- Answers 1 when it was done, else 0.

local id, call = ARGV[2], ARGV[3]

local record = living(id)
if not record then return 0 end
if done(call) then
  stir()
  return 1
end
record.confirmed = now
set(record, 'times', times_of(record))
note(call)
return 1
