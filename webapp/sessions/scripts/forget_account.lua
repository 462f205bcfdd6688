-- Forgets the account's snapshot: the next visit fetches it from SQL.
--
-- Answers 1 when there was one, else 0.

stir()
return redis.call('HDEL', key, unpack(ACCOUNT)) > 0 and 1 or 0
