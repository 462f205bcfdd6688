-- Resumes a session: checks it, slides it when that is due, and gives it with its account. Never makes a record.
--
-- ARGV: 2 session id, 3 hash of the secret, 4 seconds that pass between two writes, 5 client address.
-- Answers nothing, or {now, 1 when it slid, session, account or nothing}.

local id, hash, pause, address = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

local record = living(id)
if not record then
  if remove(id) then settle() end
  return false
end
-- A wrong secret changes nothing, or a forged token could end the session it aims at. The comparison need not take
-- constant time: what its time tells of is a hash, and nobody can choose the hash of a secret digit by digit.
if record.hash ~= hash then return false end

local owner = account()
-- Without a snapshot it is due as well: sliding lists the session, so that a change of the account finds the index and
-- is not lost between our look and the rebuild. A clock that went back is never due: nothing slides, nothing fails.
local due = now - record.seen >= pause or not owner
if due then
  record.seen, record.address = now, address
  -- EXPIREAT comes first: a full Redis refuses a script whose first write may need memory, and nobody could stay in.
  schedule(record)
  redis.call('HSET', prefix .. id, 'seen', now, 'address', address)
end
return {now, due and 1 or 0, shown(record), owner}
