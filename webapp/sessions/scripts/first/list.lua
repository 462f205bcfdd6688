-- Gives every living session of the account; the dead ones leave the index on the way.
--
-- Answers {now, sessions}.

local sessions = {}
for place, record in ipairs(sweep()) do
  sessions[place] = shown(record)
end
return {now, sessions}
