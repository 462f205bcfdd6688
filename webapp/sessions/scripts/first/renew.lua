-- Gives a living session a new secret: all others are dead from here on. The password was just given for it.
--
-- ARGV: 2 session id, 3 hash of the secret, 4 hash of the new one.
-- Answers nothing, or {now, session}.
--
-- A copy of this call that comes late needs no mark to be known: a hash is in place once. It finds its own there, or one
-- of a later renewal, and writes nothing; not even `confirmed`, since nobody gave a password then.

local id, hash, new = ARGV[2], ARGV[3], ARGV[4]

local record = living(id)
if not record or record.hash == new then
  stir()
  return record and {now, shown(record)}
end
-- A wrong secret changes nothing, as in touch.lua.
if not is_held(record, hash) then return false end

-- First, since it needs no memory: a full Redis then lets the rest go on, which takes no more room than what was there.
schedule(record)
record.confirmed = now
redis.call('HSET', prefix .. id, 'hash', new, 'confirmed', now, 'renewed', now)
-- Copies of the old ones are refused without alarm: it was their owner who has made them worthless.
redis.call('HDEL', prefix .. id, 'until', 'spent', 'asked', unpack(HASHES))
tell('moved', {id})
return {now, shown(record)}
