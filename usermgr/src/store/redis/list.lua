-- Returns the fields of each session in the user's index KEYS[1].
local rows = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    rows[#rows + 1] = redis.call('HGETALL', root .. 'session:' .. id)
end
return rows
