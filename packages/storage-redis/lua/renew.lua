-- Moves the ends of leases. ARGV: id, token, length and progress of each. Answers now, and for each the new end, or the
-- row as it stands, or false.
local answers = {}
for at = 1, #ARGV, 4 do
  local id, token, leaseMs, progress = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local task, row = read(id)
  if task and task.token == token then
    local until_ = math.max(tonumber(task.leaseUntil), now + leaseMs)
    if progress == "" then progress = task.progress end
    local head = match(row, "^%Z*%z%Z*(%z%Z*%z%Z*%z%Z*%z%Z*%z)")
    putRow(id,
      task.status .. "\0" .. int(task.revision + 1) .. head .. token .. "\0" .. int(until_) .. "\0"
        .. task.workerId .. "\0" .. progress .. "\0" .. sub(row, task.stateFrom))
    place(BASE .. "leases:" .. task.queue, task.seq .. id, int(until_))
    answers[#answers + 1] = until_
  else
    answers[#answers + 1] = task and row or false
  end
end
flush()
return { nowText, answers }
