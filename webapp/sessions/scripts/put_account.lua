-- Writes the account's snapshot, only where the account is signed in: without an index it would belong to nobody.
--
-- ARGV: 2 '1' to write it only where it is missing, 3 to 5 name, email and role, 6 a name of this call's own.
-- Answers 1 when it was written, else 0.
--
-- A rebuild read SQL some time ago and must not overwrite what a later change has written: hence '1'. Nor must a copy of
-- this call that comes late, with a role that was taken away since.

local only_missing, name, email, role, call = ARGV[2] == '1', ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local before = done(call)
-- Before all that may end here: whether the account is signed in nowhere is told to be so for good.
stir()
if before then return 0 end
note(call)
if redis.call('EXISTS', index) == 0 then return 0 end
if only_missing and account() then return 0 end
redis.call('HSET', snapshot, 'name', name, 'email', email, 'role', role)
settle()
return 1
