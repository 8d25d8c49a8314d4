-- Takes one back from the counter KEYS[1], which must not be made by that. ARGV[1]: the time of its last change, if nothing has been
-- counted since. ARGV[2]: what that time becomes.
local is = redis.call('HMGET', KEYS[1], 'hits', 'last_at')
if tonumber(is[1] or '0') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'hits', -1)
if is[2] == ARGV[1] then redis.call('HSET', KEYS[1], 'last_at', ARGV[2]) end
return 1
