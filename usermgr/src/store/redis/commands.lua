-- Makes calls on scratch keys, and returns those that the user may not make, each with the words of the server.
-- KEYS: the scratch keys. ARGV: the calls. `$1` is the first key.
local lacking = {}
for _, line in ipairs(ARGV) do
    local call = {}
    for word in string.gmatch(line, '%S+') do
        call[#call + 1] = KEYS[tonumber(string.match(word, '^%$(%d)$'))] or word
    end
    local answer = redis.pcall(unpack(call))
    local why = type(answer) == 'table' and answer.err
    -- What passes by itself is no lack: too little memory or disk, too few replicas.
    local passes = why and (string.find(why, '^OOM') or string.find(why, '^MISCONF') or string.find(why, '^NOREPLICAS'))
    if why and not passes then lacking[#lacking + 1] = call[1] .. ': ' .. why end
end
return lacking
