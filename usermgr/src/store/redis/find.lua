-- Returns the fields of the session with the digest KEYS[1]. ARGV: the prefix of the keys of sessions.
local id = redis.call('GET', KEYS[1])
if not id then return {} end
return redis.call('HGETALL', ARGV[1] .. id)
