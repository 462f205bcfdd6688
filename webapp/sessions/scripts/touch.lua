-- Resumes a session: checks it, slides it when that is due, and gives it with its account. Never makes a record.
--
-- ARGV: 2 session id, 3 hash of the secret, 4 seconds that pass between two writes, 5 client address,
-- 6 print of the client's network.
-- Answers nothing, or {now, 1 when it slid, session, account or nothing, what the secret is (secrets.lua), 1 when the cookie
-- may be sent anew as it is, 1 when a new secret is to be offered}; of a secret that is reused nothing but what it is.

-- Seconds before its end from which on pages that are open may be telling that a session ends soon: so that they hear when it
-- does not. The notice comes 120 s before (webapp/streams), and a moment after they have looked for themselves.
local ENDS_SOON = 130

local id, hash, pause, address, network = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]

local record = living(id)
if not record then
  if remove(id) then settle() end
  return false
end
-- A wrong secret changes nothing, or a forged token could end the session it aims at.
local verdict = judge(record, hash)
if not verdict then return false end
if verdict == 'reused' then return {now, 0, false, false, verdict, 0, 0} end

-- Forgets the secrets before the current one when no request is under way with them any more, and a candidate beside it
-- when no answer is. Whoever has received that one, and comes to show it later, is another than who showed the current one:
-- unless both were handed out at once, to two networks. Then one browser may have received both, and show the last one now.
local function tidy()
  if not record.old or now < record.good_until then return end
  drop(record, 'old', 'older', 'until')
  local received_last = hash == record.next_before and #(record.asked or '') > SHORT
  if record.next_before and not record.next and not received_last then
    drop(record, 'next_before', 'asked')
    spend(record, record.next_before)
    record.next_before = false
  end
end

-- Whether the cookie may be sent anew with the same secret. An answer that comes late must not put it over a newer one, to
-- be taken for a thief's a minute later: so not where another is under way, and none within GRACE before one is offered.
local function may_roll()
  if record.remembered ~= '1' or verdict == 'old' or is_unsettled(record) then return false end
  for _, other in ipairs({record.next, record.next_before}) do
    if other and other ~= hash then return false end
  end
  return pause >= GRACE or now - record.renewed < RENEWED_EVERY - GRACE
end

local owner = account(record)
-- A clock that went back is never due: nothing slides, nothing fails.
local due = now - record.seen >= pause
local roll, offer = false, false
if due then
  if verdict == 'current' then read_secrets(record) end
  local before = ends(record)
  record.seen, record.address, record.renewed = now, address, record.renewed or now
  -- EXPIREAT comes first: a full Redis refuses a script whose first write may need memory, and nobody could stay in.
  schedule(record)
  set(record, 'times', times_of(record), 'address', address)
  tidy()
  -- Something else of the account may be over by now: once an hour at most, where sessions end after one.
  if (whole(redis.call('HGET', key, 'd')) or 0) <= now then settle() end
  if before - now <= ENDS_SOON and before < ends(record) then tell('moved', {id}) end
  -- Only with a slide, since the cookie as it is was then last sent a while ago.
  offer = verdict == 'current' and (is_offer_due(record) or is_due_elsewhere(record, network))
  roll = not offer and may_roll()
elseif verdict == 'current' and record.asked then
  read_secrets(record)
  offer = is_due_elsewhere(record, network)
end
return {now, due and 1 or 0, shown(record), owner, verdict, roll and 1 or 0, offer and 1 or 0}
