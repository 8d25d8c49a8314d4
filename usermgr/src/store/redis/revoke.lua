-- Ends sessions of a user and returns how many it ended.
-- KEYS: the user's index, the index by expiry.
-- ARGV: the prefixes of the keys of sessions and of digests; 'one', 'user' or 'others'; the id; and how many of the others stay:
-- the newest, ordered by the time of the login and then by name.
local ended = 0
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
local stay = tonumber(ARGV[5])
if stay > 0 then
    local others, at = {}, {}
    for _, id in ipairs(ids) do
        if id ~= ARGV[4] then
            others[#others + 1] = id
            at[id] = tonumber(redis.call('HGET', ARGV[1] .. id, 'authenticated_at') or '0')
        end
    end
    table.sort(others, function(a, b) if at[a] ~= at[b] then return at[a] > at[b] end return a > b end)
    ids = {unpack(others, stay + 1)}
end
for _, id in ipairs(ids) do
    local meant = ARGV[3] == 'user' or (ARGV[3] == 'one') == (id == ARGV[4])
    if meant then
        local digest = redis.call('HGET', ARGV[1] .. id, 'digest')
        if digest then
            redis.call('DEL', ARGV[1] .. id, ARGV[2] .. digest)
            ended = ended + 1
        end
        redis.call('ZREM', KEYS[1], id)
        redis.call('ZREM', KEYS[2], 's' .. id)
    end
end
return ended
