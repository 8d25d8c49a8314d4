-- The fields of the session whose digest is KEYS[1]; ARGV: what the keys of sessions begin with.
local id = redis.call('GET', KEYS[1])
if not id then return {} end
return redis.call('HGETALL', ARGV[1] .. id)
