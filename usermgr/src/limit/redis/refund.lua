-- Takes one back from the counter KEYS[1], which must not be made by that.
if tonumber(redis.call('HGET', KEYS[1], 'hits') or '0') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'hits', -1)
return 1
