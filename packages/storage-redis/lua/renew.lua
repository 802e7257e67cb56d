-- Parts: payloads, rows.
-- Moves the ends of leases. ARGV: how many; id, token, length and progress of each. Answers now, and for each the new
-- end, or the row as it stands, or false.
local answers = {}
for at = 2, #ARGV, 4 do
  local id, token, leaseMs, progress = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local task, row = read(id)
  if task and task.token == token then
    local until_ = math.max(tonumber(task.leaseUntil), now + leaseMs)
    local worker, before = match(row, "^%d*%z(%Z*%z)(%Z*)%z", task.leaseFrom)
    if progress == "" then progress = before end
    putRow(id,
      task.revision + 1 .. sub(row, #task.revision + 1, task.leaseFrom - 1) .. int(until_) .. "\0"
        .. worker .. progress .. "\0" .. sub(row, task.stateFrom))
    put("ZADD", LEASES .. task.queue, int(until_), task.seq .. id)
    answers[#answers + 1] = until_
  else
    answers[#answers + 1] = task and whole(id, row) or false
  end
end
flush()
return { nowText, answers }
