-- Records that a token has ended. KEYS: its key, the index by expiry. ARGV: id, time to live in ms, expires_at.
redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], 't' .. ARGV[1])
return 1
