-- The fields of each session in the user's index KEYS[1]; ARGV: what the keys of sessions begin with.
local rows = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    rows[#rows + 1] = redis.call('HGETALL', ARGV[1] .. id)
end
return rows
