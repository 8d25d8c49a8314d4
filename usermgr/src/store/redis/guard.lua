-- Stands before each script of sessions and takes its own keys and arguments off. A caller that knows an earlier generation must not work
-- on its sessions. KEYS: the record of the generation. ARGV: what all keys begin with; the generation.
local prefix, generation = table.remove(ARGV, 1), table.remove(ARGV, 1)
if redis.call('HGET', table.remove(KEYS, 1), 'name') ~= generation then
    return redis.error_reply('GENERATION the sessions of this generation have ended')
end
local root = prefix .. generation .. ':'
