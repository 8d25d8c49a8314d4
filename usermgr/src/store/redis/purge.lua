-- Deletes what expired before a time and returns how many rows it deleted. It deletes at most 1,000 rows per call, because Redis
-- serves no other command meanwhile.
-- KEYS: the index by expiry. ARGV: the time, then the prefixes of the keys of sessions, digests, users' indexes and ended tokens.
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1000)
for _, member in ipairs(members) do
    local id = string.sub(member, 2)
    if string.sub(member, 1, 1) == 's' then
        local fields = redis.call('HMGET', ARGV[2] .. id, 'digest', 'user_id')
        if fields[1] then
            redis.call('DEL', ARGV[2] .. id, ARGV[3] .. fields[1])
            redis.call('ZREM', ARGV[4] .. fields[2], id)
        end
    else
        redis.call('DEL', ARGV[5] .. id)
    end
    redis.call('ZREM', KEYS[1], member)
end
return #members
