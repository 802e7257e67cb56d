-- Counts tasks. Answers queue, status and number of each pair that has any.
local answer = {}
local function add(queue, status, count)
  if count > 0 then answer[#answer + 1] = { queue, status, count } end
end
for _, queue in ipairs(call("HKEYS", QUEUES)) do
  local waiting = call("ZCARD", HELD .. queue)
  for _, priority in ipairs(call("ZRANGE", BASE .. "priorities:" .. queue, 0, -1)) do
    waiting = waiting + call("ZCARD", dueKey(queue, priority))
  end
  add(queue, "PENDING", waiting)
  add(queue, "RUNNING", call("ZCARD", LEASES .. queue))
  for _, status in ipairs({ "SUCCESS", "FAILED", "CANCELLED" }) do
    add(queue, status, call("ZCARD", ENDED .. status .. ":" .. queue))
  end
end
return answer
