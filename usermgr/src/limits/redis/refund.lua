-- Takes one attempt back from the counter KEYS[1]. It must not create the counter. ARGV[1]: the time of the last change, if nothing
-- has been counted since. ARGV[2]: the time that replaces it.
local is = redis.call('HMGET', KEYS[1], 'hits', 'last_at')
if tonumber(is[1] or '0') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'hits', -1)
if is[2] == ARGV[1] then redis.call('HSET', KEYS[1], 'last_at', ARGV[2]) end
return 1
