-- Returns the generation of the sessions in this server, and 1 if an earlier one ends here.
-- KEYS: the record of the generation, the generations that have ended.
-- ARGV: the run of this server, its history, the history that it followed as a replica; 1 if it appends to a file; the run that the
-- caller used last, or an empty text; 1 if this server ran already when that one answered; the name of a new generation.
local run, history, earlier, appends, used, beside, new = unpack(ARGV)
local is = redis.call('HMGET', KEYS[1], 'name', 'runs', 'history')
local name, runs, ended = is[1] or new, is[2] or '', 0
local last = string.match(runs, '^%S+')
-- Data that do not know the run that the caller used are older than what the caller has seen.
local known = used == '' or string.find(runs, used, 1, true)
local promoted = beside == '1' and used == last and earlier == is[3]
if is[1] and not (known and (last == run or appends == '1' or promoted)) then
    redis.call('SADD', KEYS[2], name)
    name, ended = new, 1
end
if not known then runs = used .. ' ' .. runs end
-- The newest run comes first. The oldest are forgotten.
if string.match(runs, '^%S+') ~= run then runs = string.sub(run .. ' ' .. runs, 1, 1000) end
if name ~= is[1] or runs ~= is[2] or history ~= is[3] then
    redis.call('HSET', KEYS[1], 'name', name, 'runs', runs, 'history', history)
end
return {name, ended}
