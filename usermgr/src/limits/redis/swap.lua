-- Writes the counter KEYS[1], if it still has the value that was read: ARGV[1] and ARGV[2], or two empty texts if there was none.
-- ARGV[3] and ARGV[4]: the new value. ARGV[5]: the time to live in milliseconds. Returns 1 if it was written.
local is = redis.call('HMGET', KEYS[1], 'hits', 'last_at')
if (is[1] or '') ~= ARGV[1] or (is[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'hits', ARGV[3], 'last_at', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
