-- Changes fields of the session KEYS[1], if it exists. A session that has ended must not come back with only these fields.
-- ARGV: a field and its expected value, or two empty texts; then the fields with their new values. Returns 1 if it changed.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
return 1
