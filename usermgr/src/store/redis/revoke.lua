-- Ends sessions of a user and returns how many it ended.
-- KEYS: the user's index, the index by expiry.
-- ARGV: 'one', 'user' or 'others'; the id; and how many of the others stay: the newest, ordered by the time of the login and then by
-- name.
local ended = 0
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
local stay = tonumber(ARGV[3])
if stay > 0 then
    local others, at = {}, {}
    for _, id in ipairs(ids) do
        -- Those in which an administrator acts are none of the user.
        if id ~= ARGV[2] and not redis.call('HGET', root .. 'session:' .. id, 'actor') then
            others[#others + 1] = id
            at[id] = tonumber(redis.call('HGET', root .. 'session:' .. id, 'authenticated_at') or '0')
        end
    end
    table.sort(others, function(a, b) if at[a] ~= at[b] then return at[a] > at[b] end return a > b end)
    ids = {unpack(others, stay + 1)}
end
for _, id in ipairs(ids) do
    local meant = ARGV[1] == 'user' or (ARGV[1] == 'one') == (id == ARGV[2])
    if meant then
        local digest = redis.call('HGET', root .. 'session:' .. id, 'digest')
        if digest then
            redis.call('DEL', root .. 'session:' .. id, root .. 'digest:' .. digest)
            ended = ended + 1
        end
        redis.call('ZREM', KEYS[1], id)
        redis.call('ZREM', KEYS[2], 's' .. id)
    end
end
return ended
