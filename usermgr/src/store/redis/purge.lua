-- Deletes what expired before a time and says how many there were, at most a thousand at once, since nobody else is served meanwhile.
-- KEYS: the index by expiry. ARGV: the time, then what the keys of sessions, digests, users' indexes and ended tokens begin with.
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
