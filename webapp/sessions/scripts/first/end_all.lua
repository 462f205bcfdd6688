-- Ends every session of the account, or those that began before a moment, are unused for long, or are of one browser.
--
-- ARGV: 2 id of a session that stays, or empty, 3 that moment; 0 for every one, whenever it began, 4 the seconds for which
-- they have to be unused; 0 for every one, 5 reason, 6 label of the device it is done from, or empty, 7 id of a session of
-- that browser; empty for those of every one, 8 the browser as the records name it, empty where it is not known.
-- Answers the ids of those that were alive until now.

local keep, before, unused, reason, by = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6]

local named, browser = ARGV[7], ARGV[8]

local function is_meant(record)
  return named == '' or record.id == named or (browser ~= '' and record.browser == browser)
end

local function is_old(record)
  return (before == 0 or record.created < before) and (unused == 0 or now - record.seen > unused)
end

local ended = {}
for _, record in ipairs(sweep(keep)) do
  if is_meant(record) and is_old(record) then
    finish(record, reason, by)
    ended[#ended + 1] = record.id
  end
end
tell('ended', ended)
if #ended > 0 then settle() else stir() end
return ended
