-- Copies one account with its sessions many times, each under names of its own: a million of them in seconds.
--
-- ARGV: 1 the hashes as JSON, each with its name, what it holds and the second at which it goes; 2 how long
-- each of the names is that are another's in each copy; 3 the number of the first copy, 4 that of the last.
-- A name, or whatever is held, is a row of parts: a text, or the number of a name that is this copy's own; below 0 that of one
-- of which only the first three characters are meant.

local keys, lengths = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])

local function named(copy)
  local names = {}
  for place, length in ipairs(lengths) do
    local text = redis.sha1hex(copy .. ':' .. place)
    if length > #text then text = text .. text end
    -- No two of an account begin in the same way.
    names[place] = string.char(64 + place) .. text:sub(2, length)
  end
  return names
end

local function written(parts, names)
  local texts = {}
  for place, part in ipairs(parts) do
    texts[place] = names[part] or type(part) == 'number' and names[-part] and names[-part]:sub(1, 3) or part
  end
  return table.concat(texts)
end

-- Most of what is held is the same in each copy, and is put together once.
for _, key in ipairs(keys) do
  key.texts, key.own = {}, {}
  for place, parts in ipairs(key.held) do
    key.texts[place] = written(parts, {})
    for _, part in ipairs(parts) do
      if type(part) == 'number' then key.own[place] = parts end
    end
  end
end

for copy = ARGV[3], ARGV[4] do
  local names = named(copy)
  for _, key in ipairs(keys) do
    local name = written(key.name, names)
    for place, parts in pairs(key.own) do
      key.texts[place] = written(parts, names)
    end
    redis.call('HSET', name, unpack(key.texts))
    redis.call('EXPIREAT', name, key.ends)
  end
end
