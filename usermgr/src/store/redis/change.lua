-- Changes fields of the session KEYS[1], if it is there: it must not come back with nothing but these.
-- ARGV: a field and what it must be, or two empty texts; then the fields with their new values. 1 when it was changed.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
return 1
