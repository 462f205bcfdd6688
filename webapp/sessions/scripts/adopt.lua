-- Stands behind secrets.lua and before every other script: takes over what the version before has left of the account.
--
-- That one gives each session a key of its own, and has a list of them and the snapshot in two more (first/record.lua). While it
-- may still run beside this one, an account stays in the form that it is in, and one that is in neither begins in the older
-- one: the script then answers 'first', and script.py asks the one in first/. Once it runs nowhere any more, the first call
-- for an account takes all of it over, in the same moment, and tells nobody of it, since nothing has happened.

-- What there is of sessions, in the words of LETTERS and FIELDS; nothing of one that cannot be judged.
local function in_first_form(ids)
  local found = {}
  for _, id in ipairs(ids) do
    local fields, named = redis.pcall('HGETALL', 'session:' .. tag .. ':' .. id), {id = id}
    for place = 1, #fields, 2 do
      named[fields[place]] = fields[place + 1]
    end
    local is_whole = #(named.hash or named.was or '') == HASH_LENGTH
    for place = 1, 5 do
      local name = FIELDS[place]
      named[name] = whole(named[name])
      is_whole = is_whole and named[name]
    end
    named.renewed = whole(named.renewed)
    found[#found + 1] = is_whole and named or nil
  end
  return found
end

-- Takes over sessions, and with them the list and the snapshot where that is what stands in `owner`.
local function take_over(ids, owner)
  local found = in_first_form(ids)
  -- First, since it needs no memory: a full Redis then lets the rest go on.
  if owner then redis.call('DEL', 'sessions:' .. tag, 'account:' .. tag) end
  for _, id in ipairs(ids) do redis.call('DEL', 'session:' .. tag .. ':' .. id) end
  for _, named in ipairs(found) do write(named) end
  for place, field in ipairs(ACCOUNT) do
    if owner and owner[place] then redis.call('HSET', key, field, owner[place]) end
  end
  settle()
end

-- How a session was ended is in no list: it is taken over when somebody asks for it. Gives its slot, or false.
adopt = function(id)
  local old = 'session:' .. tag .. ':' .. id
  -- A node to which the account moves says of one missing key that there is none. Asked for two at once, both nodes refuse.
  redis.call('EXISTS', old, key)
  if redis.call('EXISTS', old) == 0 then return false end
  take_over({id})
  return slot_of(id)
end

-- Takes over all that the list names, and the snapshot.
local function adopt_account(list, snapshot)
  local ids = redis.call('ZRANGE', list, 0, -1)
  for _, id in ipairs(ids) do
    redis.call('EXISTS', 'session:' .. tag .. ':' .. id, list)
  end
  -- What its fields are called there, in the order of ACCOUNT.
  take_over(ids, redis.call('HMGET', snapshot, 'name', 'email', 'role', 'confirmed'))
end

local held = redis.pcall('HLEN', key)
-- A key of another type is damage: there is nobody in it.
if type(held) == 'table' then redis.call('DEL', key) end
if type(held) == 'table' or held == 0 then
  if ARGV[1] ~= '1' then return 'first' end
  local list, snapshot = 'sessions:' .. tag, 'account:' .. tag
  if redis.call('EXISTS', list, snapshot) > 0 then adopt_account(list, snapshot) end
end
