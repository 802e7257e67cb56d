-- Removes the oldest events. ARGV: how many at most, not above 1,000; before when. Answers how many, twice. It stops at the
-- first that is not old enough: where the clock has stepped back, older ones after it go a little later.
local before, old, last = tonumber(ARGV[2]), 0, nil
for _, entry in ipairs(call("XRANGE", EVENTS, "-", "+", "COUNT", ARGV[1])) do
  if tonumber(match(entry[2][2], "^(%d+)%z")) >= before then break end
  old = old + 1
  last = tonumber(match(entry[1], "^%d+"))
end
if last then call("XTRIM", EVENTS, "MINID", int(last + 1) .. "-0") end
return { old, old }
