-- Writes the counter KEYS[1], if it is what was read: ARGV[1] and ARGV[2], or two empty texts when there was none.
-- ARGV[3] and ARGV[4]: what it becomes. ARGV[5]: for how long it is kept, in milliseconds. 1 when it was written.
local is = redis.call('HMGET', KEYS[1], 'hits', 'last_at')
if (is[1] or '') ~= ARGV[1] or (is[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'hits', ARGV[3], 'last_at', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
