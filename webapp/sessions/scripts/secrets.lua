-- Stands behind account.lua and before every other script: what a secret is to a session.
--
-- The session's secret is renewed while it is used. A candidate for the next one is handed to the browser with an answer,
-- and takes the place of the current one once it was shown: an answer that is lost changes nothing. The one before stays
-- good for a while, since requests are under way with it. Whoever shows it later than that has it from elsewhere: it has two
-- holders (docs/decisions/0017).
--
-- In the record, all of them missing where they are empty: `renewed`, the moment of the last offer; `next` and
-- `next_before`, the last two candidates that nobody has shown; `old` and `older`, good until `until`; `spent`, what all
-- that were superseded or forgotten begin with, the newest first; `asked`, beside these, the prints of the networks that the
-- candidates under way were handed to, the newest first. A record of the version before has no `renewed` until this one slides
-- it, and by the first offer, RENEWED_EVERY later, the processes that know one secret alone are gone.

-- Seconds between two offers: the "renewal timeout" of OWASP's Session Management Cheat Sheet, which names no number. The
-- shorter, the sooner a thief is found; with each of them a write waits for a replica.
local RENEWED_EVERY = 600
-- Seconds for which an answer may be under way to a browser, or a request from it. Ours takes a few of them at most
-- (deadline.py); the rest is for slow networks.
local GRACE = 60
-- Ten times six characters fill the 64 bytes of a field (record.py). They only ever accuse, and 36 bits do that by chance
-- once in 7,000,000,000 tries of somebody who would need our signature for each.
local SPENT, SHORT = 10, 6
-- The fields with a hash, other than `hash`.
local HASHES = {'next', 'next_before', 'old', 'older'}

-- Reads into a record what is told above.
local function read_secrets(record)
  local slot = record.slot
  local values = redis.call('HMGET', key, slot .. 'u', slot .. 's', slot .. 'N', slot .. 'P', slot .. 'o', slot .. 'O')
  record.good_until, record.spent = whole(values[1]) or 0, values[2] or ''
  for place, field in ipairs(HASHES) do
    record[field] = values[place + 2]
  end
end

-- Whether a list of what others begin with has this one.
local function has(list, text)
  for first = 1, #list, SHORT do
    if list:sub(first, first + SHORT - 1) == text:sub(1, SHORT) then return true end
  end
  return false
end

-- Such a list with one more at its head; the last goes where there is no more room.
local function with(list, text)
  return (text:sub(1, SHORT) .. list):sub(1, SPENT * SHORT)
end

local function is_spent(record, hash)
  return has(record.spent, hash) or hash == record.old or hash == record.older
end

-- Notes that a secret is good no more: shown after this, it tells of two holders.
local function spend(record, hash)
  record.spent = with(record.spent, hash)
  set(record, 'spent', record.spent)
end

-- What a secret is to a session: 'current', 'candidate', 'old' and still good, 'reused', or false: none that is known. One
-- that is unknown ends nothing: a Redis that lost its last seconds, or a forged one, is no second holder.
--
-- The comparison need not take constant time: what its time tells of is a hash, and nobody can choose the hash of a secret
-- digit by digit.
local function judge(record, hash)
  if hash == record.hash then return 'current' end
  read_secrets(record)
  if hash == record.next or hash == record.next_before then return 'candidate' end
  if now < record.good_until and (hash == record.old or hash == record.older) then return 'old' end
  return is_spent(record, hash) and 'reused'
end

-- Ends a session whose secret has two holders. The one who has shown it now may be the owner, and is told why as well. The
-- caller settles, and tells of it.
local function finish_twice(record, hash)
  finish(record, 'two-places', '')
  set(record, 'old', hash)
end

-- Whether a secret is one that the session's own browser may show.
local function is_held(record, hash)
  local verdict = judge(record, hash)
  return verdict and verdict ~= 'reused'
end

-- Whether of two candidates one was shown within the last GRACE, and both were handed out at once, to two networks. A browser
-- that has received both has requests with either under way, and comes back with the one that was received last.
local function is_unsettled(record)
  local pair = record.next_before and not record.next and record.asked and #record.asked > SHORT
  return pair and now < record.good_until
end

-- Whether it is time for another candidate. One that was lost is followed by another soon; after two, the older one would
-- have to be forgotten, and it may still be under way.
local function is_offer_due(record)
  if not record.renewed or is_unsettled(record) then return false end
  local alone = record.next and not record.next_before
  return now - record.renewed >= (alone and GRACE or RENEWED_EVERY)
end

-- Whether the secret that was handed out may not have reached whoever shows the current one now, since it went to another
-- network. Then that one is handed one of his own: a thief who comes all the time and shows none of them would else take
-- every one of them from the owner, and none was ever good for anything but to tell the two apart. It need not wait for a
-- slide, since no cookie was sent as it is since the first of them. After two, the older one has been under way for long
-- enough when nobody has shown it GRACE after the last; and a network has no more than one of these until the next that is
-- due by itself, so that those of a thief soon put none of the owner's out of `spent`.
local function is_due_elsewhere(record, network)
  if not (record.renewed and record.next and record.asked) or has(record.asked, network) then return false end
  return not record.next_before or now - record.renewed >= GRACE
end
