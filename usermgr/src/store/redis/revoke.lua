-- Ends sessions of a user and says how many.
-- KEYS: the user's index, the index by expiry.
-- ARGV: what the keys of sessions and of digests begin with, then 'one', 'user' or 'others', and the id that is meant.
local ended = 0
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
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
