-- Takes note of a candidate for the next secret, before the browser is handed it.
--
-- ARGV: 2 session id, 3 hash of the secret that was shown, 4 hash of the candidate, 5 print of the network that it goes to,
-- 6 '1' where the password was just given: then at once, whenever the last one was, or as soon as that may be.
-- Answers 1 when the candidate may be handed out, else 0.

local id, hash, new, network, at_once = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6] == '1'

local record = living(id)
if not record or record.hash ~= hash then return 0 end
read_secrets(record)
if record.next == new or record.next_before == new then
  -- A copy of this call that comes late.
  stir()
  return 1
end

local asked = network
if at_once then
  local under_way = record.next or record.next_before
  -- A remembered session's cookie was sent a moment ago, as it is, and may still be under way; and no third secret is to be
  -- superseded within the same GRACE.
  if is_unsettled(record) or not under_way and (record.remembered == '1' or now < record.good_until) then
    local soon = now - RENEWED_EVERY + GRACE
    record.renewed = math.min(record.renewed or soon, soon)
    set(record, 'times', times_of(record))
    return 0
  end
  if under_way and now - (record.renewed or 0) < GRACE then return 0 end
elseif not is_offer_due(record) then
  if not is_due_elsewhere(record, network) then return 0 end
  asked = with(record.asked, network)
end

-- First, since it needs no memory: a full Redis then lets the rest go on.
drop(record, 'next_before')
if record.next_before then spend(record, record.next_before) end
if record.next then set(record, 'next_before', record.next) end
record.renewed = now
set(record, 'next', new, 'times', times_of(record), 'asked', asked)
return 1
