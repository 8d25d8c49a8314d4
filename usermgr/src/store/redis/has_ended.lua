-- Returns 1 if the token with the mark KEYS[1] and the name ARGV[1] has ended. The marks of earlier generations may be lost.
if string.sub(ARGV[1], 1, #generation + 1) ~= generation .. '.' then return 1 end
return redis.call('EXISTS', KEYS[1])
