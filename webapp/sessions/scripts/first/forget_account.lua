-- Forgets the account's snapshot: the next visit fetches it from SQL.
--
-- Answers 1 when there was one, else 0.

stir()
return redis.call('DEL', snapshot)
