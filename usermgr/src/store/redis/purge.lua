-- Deletes what expired before the time ARGV[1], and everything of the generations that have ended. Returns how many rows it deleted, and
-- 1 if there may be more. It deletes at most 1,000 rows per call, because Redis serves no other command meanwhile.
local ended = prefix .. 'generations:ended'
local past = redis.call('SRANDMEMBER', ended)
local before = '(' .. ARGV[1]
if past then root, before = prefix .. past .. ':', '+inf' end
local index = root .. 'expiry:all'
local members = redis.call('ZRANGEBYSCORE', index, '-inf', before, 'LIMIT', 0, 1000)
for _, member in ipairs(members) do
    local id = string.sub(member, 2)
    if string.sub(member, 1, 1) == 's' then
        local fields = redis.call('HMGET', root .. 'session:' .. id, 'digest', 'user_id')
        if fields[1] then
            redis.call('DEL', root .. 'session:' .. id, root .. 'digest:' .. fields[1])
            redis.call('ZREM', root .. 'user:' .. fields[2], id)
        end
    else
        redis.call('DEL', root .. 'ended:' .. id)
    end
    redis.call('ZREM', index, member)
end
if past and #members == 0 then redis.call('SREM', ended, past) end
return {#members, (past or #members > 0) and 1 or 0}
