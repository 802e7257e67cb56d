-- Takes over results as they are. ARGV: how many; of each the task, the run, when it expires, or nothing, and the result.
-- One of a task and run that has a result is left out.
markStore()
for at = 2, #ARGV, 4 do
  local id, run, expiresAt = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local name = run .. ":" .. id
  if call("HSETNX", RESULTS, name, ARGV[at + 3]) == 1 then
    if expiresAt ~= "" then call("ZADD", EXPIRY, expiresAt, name) end
    if run ~= "1" then call("ZADD", BASE .. "runs:" .. id, run, run) end
  end
end
return { nowText, {} }
