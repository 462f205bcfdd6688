-- Writes the account's snapshot, only where the account is signed in: without an index it would belong to nobody.
--
-- ARGV: 2 '1' to write it only where it is missing, 3 to 6 what ACCOUNT names, 7 a name of this call's own.
-- Answers 1 when it was written, else 0.
--
-- A rebuild read SQL some time ago and must not overwrite what a later change has written: hence '1', which adds the
-- fields that are missing and leaves the others, since version 1 changes a snapshot that it leaves incomplete. Nor must
-- a copy of this call that comes late, with a role that was taken away since.

local only_missing, call = ARGV[2] == '1', ARGV[7]

local before = done(call)
-- Before all that may end here: whether the account is signed in nowhere is told to be so for good.
stir()
if before then return 0 end
note(call)
if redis.call('EXISTS', index) == 0 then return 0 end
if only_missing and account() then return 0 end
put(only_missing and 'HSETNX' or 'HSET', 3)
settle()
return 1
