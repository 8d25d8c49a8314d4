-- Returns the fields of the session with the digest KEYS[1].
local id = redis.call('GET', KEYS[1])
if not id then return {} end
return redis.call('HGETALL', root .. 'session:' .. id)
