-- ARGV: queues. Answers now, and the earliest due time or end of a lease in them; nothing where there is none.
local at
local function look(key)
  local first = call("ZRANGE", key, 0, 0, "WITHSCORES")[2]
  if first and (not at or tonumber(first) < at) then at = tonumber(first) end
end
for _, queue in ipairs(ARGV) do
  if call("HGET", QUEUES, queue) == "0" then
    look(LEASES .. queue)
    for _, priority in ipairs(call("ZRANGE", BASE .. "priorities:" .. queue, 0, -1)) do look(dueKey(queue, priority)) end
  end
end
return { nowText, at and int(at) or "" }
