-- Forgets the tries of somebody who has got in.
--
-- KEYS    the list of the account in its network, the list of the network (see take.lua)
--
-- The network gets back the one try that was right, and no more: otherwise an attacker with an account of his own would
-- sign in to it now and then, and go on guessing at others.

redis.call('DEL', KEYS[1])
redis.call('LPOP', KEYS[2])
return 0
