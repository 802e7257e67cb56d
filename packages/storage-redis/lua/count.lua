-- Counts tasks. Answers a queue, a status and a number for each pair that has any.
local answer = {}
local function add(queue, status, count)
  if count == 0 then return end
  answer[#answer + 1] = queue
  answer[#answer + 1] = status
  answer[#answer + 1] = count
end
for _, queue in ipairs(call("HKEYS", QUEUES)) do
  local waiting = call("ZCARD", BASE .. "held:" .. queue)
  for _, priority in ipairs(call("ZRANGE", BASE .. "priorities:" .. queue, 0, -1)) do
    waiting = waiting + call("ZCARD", dueKey(queue, priority))
  end
  add(queue, "PENDING", waiting)
  add(queue, "RUNNING", call("ZCARD", BASE .. "leases:" .. queue))
  for _, status in ipairs({ "SUCCESS", "FAILED", "CANCELLED" }) do
    add(queue, status, call("ZCARD", BASE .. "ended:" .. status .. ":" .. queue))
  end
end
return answer
