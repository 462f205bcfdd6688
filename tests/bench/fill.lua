-- Copies one account with its sessions many times, each under names of its own: a million of them in seconds.
--
-- ARGV: 1 the keys as JSON, each with its command, its name, what it holds and the second at which it goes; 2 how long
-- each of the names is that are another's in each copy; 3 the number of the first copy, 4 that of the last.
-- A name, or whatever is held, is a row of parts: a text, or the number of a name that is this copy's own.

local keys, lengths = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])

local function named(copy)
  local names = {}
  for place, length in ipairs(lengths) do
    local text = redis.sha1hex(copy .. ':' .. place)
    if length > #text then text = text .. text end
    names[place] = text:sub(1, length)
  end
  return names
end

local function written(parts, names)
  local texts = {}
  for place, part in ipairs(parts) do
    texts[place] = names[part] or part
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
    redis.call(key.command, name, unpack(key.texts))
    redis.call('EXPIREAT', name, key.ends)
  end
end
