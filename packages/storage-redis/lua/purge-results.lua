-- Removes expired results. ARGV: how many at most, not above 1,000. Answers how many were looked at and removed: the
-- server itself has removed some of them, long after they expired.
local names = call("ZRANGEBYSCORE", EXPIRY, "-inf", nowText, "LIMIT", 0, ARGV[1])
local removed = 0
for _, name in ipairs(names) do
  local run, id = match(name, "^(%d+):(.*)$")
  removed = removed + dropResult(id, run)
end
flush()
return { #names, removed }
