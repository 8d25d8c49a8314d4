-- Writes a new session. Returns 1, or 0 if its id or digest is taken. If the answer was lost and the same insertion is sent
-- again, it finds its own session and returns 1.
-- KEYS: the session, the digest, the user's index, the index by expiry.
-- ARGV: id, time to live in ms, expires_at, the time before which the user's index may drop entries, then the fields of the session.
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then
    if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
    for at = 5, #ARGV, 2 do
        if redis.call('HGET', KEYS[1], ARGV[at]) ~= ARGV[at + 1] then return 0 end
    end
    return 1
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[3], ARGV[2]) end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[4])
redis.call('ZADD', KEYS[4], ARGV[3], 's' .. ARGV[1])
return 1
