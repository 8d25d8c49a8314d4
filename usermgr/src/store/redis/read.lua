-- Returns the fields of the session KEYS[1].
return redis.call('HGETALL', KEYS[1])
