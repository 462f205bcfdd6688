-- Tells what is known of one session, whether it lives or was ended; changes nothing.
--
-- ARGV: 2 session id, 3 hash of one of its last secrets where the caller must have held it, else empty.
-- Answers {now, session or nothing, ending or nothing, 1 when it was started within the last minutes, what the secret is to a
-- session that lives (secrets.lua), or empty}. An ending is {reason, device, moment, session}, and only told to whoever held
-- a secret, where one is asked for.

local id, hash = ARGV[2], ARGV[3]

local function ending()
  local record = ended(id)
  if not record then return false end
  read_secrets(record)
  local slot = record.slot
  local left = redis.call('HMGET', key, slot .. LETTERS.reason, slot .. LETTERS.by, slot .. LETTERS.at)
  if not whole(left[3]) then return false end
  local held = hash == '' or hash == record.hash
  for _, field in ipairs(HASHES) do
    held = held or hash == record[field]
  end
  return held and {left[1], left[2], whole(left[3]), shown(record)}
end

local record = living(id)
local verdict = record and hash ~= '' and judge(record, hash) or ''
return {now, record and shown(record), not record and ending(), done(id) and 1 or 0, verdict}
