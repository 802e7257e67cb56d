-- ARGV: the task; a run, or nothing for the latest that has a result. Answers the name of the result and
-- the result, or false.
local function unexpired(run)
  local name = run .. ":" .. ARGV[1]
  local result = call("HGET", RESULTS, name)
  local expiresAt = result and match(result, "^%d+%z(%d*)%z")
  if result and (expiresAt == "" or tonumber(expiresAt) > now) then return { name, result } end
end
if ARGV[2] ~= "" then return unexpired(ARGV[2]) or false end
for _, run in ipairs(call("ZREVRANGE", BASE .. "runs:" .. ARGV[1], 0, -1)) do
  local found = unexpired(run)
  if found then return found end
end
return unexpired("1") or false
