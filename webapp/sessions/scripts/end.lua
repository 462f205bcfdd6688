-- Ends one session. Deleting and unlisting are one step, so that a list never shows what is over.
--
-- ARGV: 2 session id, 3 hash of the secret where the caller must hold it, else empty.
-- Answers 1 when the session was alive until now, else 0.

local id, hash = ARGV[2], ARGV[3]

local record = living(id)
if record and hash ~= '' and record.hash ~= hash then return 0 end
if remove(id) then settle() else stir() end
return record and 1 or 0
