-- Returns how many sessions are in the user's index KEYS[1].
return #redis.call('ZRANGE', KEYS[1], 0, -1)
