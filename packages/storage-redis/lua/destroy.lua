-- Removes what the store keeps, in steps. ARGV: the cursor of the last step, at first 0. Answers the cursor to go on with,
-- 0 at the end.
local found = call("SCAN", ARGV[1], "MATCH", BASE .. "*", "COUNT", STEP)
for _, key in ipairs(found[2]) do call("UNLINK", key) end
return found[1]
