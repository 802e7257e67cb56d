-- Makes guarded writes. ARGV from 2 on: the ids of all; then for each the plan; the state that follows, from its run to its
-- holds; with the flag D the new definition, from its queue on; with the flag R the result; the events; the children,
-- four arguments each, as `insert` takes them.
--
-- The plan: the token, or nothing for an operator's call; the scheduleVersion, or the revision, that must hold; the
-- digest of the outcome; the status, or nothing to remove the row; attempts; recoveries; the due time, or nothing; flags
-- (K keeps the lease); the run whose result goes, or "all"; how many events and children follow.

local PLAN =
  "^(%Z*)%z(%d+)%z(%Z*)%z(%u*)%z(%d*)%z(%d*)%z([@+]?%d*)%z(%u*)%z(%w*)%z(%d+)%z(%d+)$"
local ENDED = { SUCCESS = true, FAILED = true, CANCELLED = true }

local function remove(task, member)
  flush()
  rows[task.id] = false
  call("HDEL", TASKS, task.id)
  call("ZREM", (standOf(task)), member)
  removeFromOrder(task.seq, task.id)
  if task.dedupeKey ~= "" then unmarkLive(task) end
end

local function change(task, row, member, plan, state, definition)
  local from = standOf(task)
  local next_ = {
    id = task.id, status = plan.status, holds = sub(state, -1) == "\0" and "" or "held",
    eta = plan.due == "" and task.eta or int(dueAt(plan.due)), createdAt = task.createdAt,
    finishedAt = ENDED[plan.status] and nowText or "", leaseUntil = task.leaseUntil,
    queue = task.queue, priority = task.priority, dedupeKey = task.dedupeKey, seq = task.seq,
  }
  local settled = task.settledToken .. "\0" .. task.settledDigest
  if plan.token ~= "" then settled = plan.token .. "\0" .. plan.digest end
  local lease = "\0\0\0"
  if plan.keeps then
    lease = task.token .. "\0" .. task.leaseUntil .. "\0" .. task.workerId .. "\0" .. task.progress
  end
  local identity = sub(row, task.identityFrom)
  if definition then
    identity = sub(row, task.identityFrom, task.definitionFrom - 1) .. definition
    next_.queue, next_.priority = match(definition, "^(%Z+)%z(%-?%d+)%z")
  end
  putRow(task.id,
    plan.status .. "\0" .. task.revision + 1 .. "\0" .. plan.attempts .. "\0" .. plan.recoveries .. "\0"
      .. nowText .. "\0" .. task.lastAttemptAt .. "\0" .. lease .. "\0" .. state .. "\0" .. next_.eta .. "\0"
      .. next_.finishedAt .. "\0" .. settled .. "\0" .. identity)
  if stand(next_, member) ~= from then place(from, member) end
  if task.dedupeKey ~= "" and isLive(task.status) ~= isLive(plan.status) then
    if isLive(plan.status) then markLive(task) else unmarkLive(task) end
  end
end

-- Answers 1 where the write was made, else the row as it stands, or false; and where the next one begins.
local function write(id, at)
  local state = ARGV[at + 1]
  local token, version, digest, status, attempts, recoveries, due, flags, drop, events, children = match(ARGV[at], PLAN)
  local plan = {
    token = token, digest = digest, status = status, attempts = attempts, recoveries = recoveries, due = due,
    keeps = match(flags, "K"),
  }
  at = at + 2
  local definition, result
  if match(flags, "D") then definition, at = ARGV[at], at + 1 end
  if match(flags, "R") then result, at = ARGV[at], at + 1 end
  local childrenAt = at + events
  local nextAt = childrenAt + children * 4
  local task, row = read(id)
  if not task then return false, nextAt end
  local holds = task.revision == version
  if token ~= "" then holds = task.token == token and task.version == version end
  if not holds then return row, nextAt end

  local member = task.seq .. id
  if status == "" then remove(task, member) else change(task, row, member, plan, state, definition) end
  if drop == "all" then dropResults(id) elseif drop ~= "" then dropResult(id, drop) end
  if result then
    local run, ttl, body = match(result, "^(%d+)%z(%d*)%z()")
    putResult(id, run, ttl, sub(result, body))
  end
  for index = at, childrenAt - 1 do addEvent(ARGV[index]) end
  if childrenAt < nextAt then
    local seq = takePlaces(tonumber(children))
    for index = childrenAt, nextAt - 1, 4 do
      insert(index, seq)
      seq = seq + 1
    end
  end
  return 1, nextAt
end

-- Answers what became of so many writes, and where what follows them begins.
local function writeAll(count)
  local ids, answers, at = {}, {}, count + 2
  for index = 1, count do ids[index] = ARGV[index + 1] end
  prefetch(ids)
  for index = 1, count do answers[index], at = write(ids[index], at) end
  flush()
  return answers, at
end
