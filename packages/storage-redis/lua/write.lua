-- Makes guarded writes. ARGV: how many; then of each how many arguments follow; the id; the plan; the state that follows,
-- or nothing to remove the row; with the flag D the new definition, from its queue on; with the flag R the result; the
-- events; the children, four arguments each, as `insert` takes them.
--
-- The plan: the token, or nothing for an operator's call; the scheduleVersion, or the revision, that must hold; the
-- digest of the outcome; the due time, or nothing; flags (K keeps the lease); the run whose result goes, or "all"; how
-- many events and children follow.

local PLAN = "^(%Z*)%z(%d+)%z(%Z*)%z([@+]?%d*)%z(K?)(D?)(R?)%z(%w*)%z(%d+)%z(%d+)$"
local ENDED_BY = { SUCCESS = true, FAILED = true, CANCELLED = true }

local function remove(task, row, member)
  flush()
  rows[task.id] = false
  call("HDEL", TASKS, task.id)
  dropPayload(task.id, row)
  call("ZREM", (standOf(task)), member)
  removeFromOrder(task.seq, task.id)
  if task.dedupeKey ~= "" then unmarkLive(task) end
end

-- `settled` is the token and the digest of a settlement, or nil for an operator's call.
local function change(task, row, member, settled, due, keepsLease, state, definition)
  local status, from = match(state, "^%u+"), standOf(task)
  local eta = due == "" and task.eta or int(dueAt(due))
  local finishedAt = ENDED_BY[status] and nowText or ""
  local after = sub(row, task.identityFrom)
  if not settled then settled = match(row, "^%d*%z%d*%z(%d*%z%Z*)", task.etaFrom) end
  if definition then
    dropPayload(task.id, row)
    local kept, payload = part(definition, DEFINITION_FIELDS)
    putPayload(task.id, payload)
    after = sub(row, task.identityFrom, task.definitionFrom - 1) .. kept
  end
  putRow(task.id,
    task.revision + 1 .. "\0" .. nowText .. "\0" .. task.lastAttemptAt .. "\0"
      .. (keepsLease and task.token .. "\0" .. sub(row, task.leaseFrom, task.stateFrom - 1) or "\0\0\0\0")
      .. state .. "\0" .. eta .. "\0" .. finishedAt .. "\0" .. settled .. "\0" .. after)

  local before = task.status
  -- The task as it now stands.
  task.status, task.eta, task.finishedAt = status, eta, finishedAt
  task.holds = sub(state, -1) == "\0" and "" or "held"
  if definition then task.queue, task.priority = match(definition, "^(%Z+)%z(%-?%d+)%z") end
  if stand(task, member) ~= from then unstand(from, member) end
  if task.dedupeKey ~= "" and isLive(before) ~= isLive(status) then
    if isLive(status) then markLive(task) else unmarkLive(task) end
  end
end

-- Answers 1 where the write was made, else the row as it stands, or false.
local function write(at)
  local id, state = ARGV[at], ARGV[at + 2]
  local token, version, digest, due, keeps, defines, results, drop, events, children = match(ARGV[at + 1], PLAN)
  at = at + 3
  local definition, result
  if defines ~= "" then definition, at = ARGV[at], at + 1 end
  if results ~= "" then result, at = ARGV[at], at + 1 end
  local childrenAt = at + events
  local task, row = read(id)
  if not task then return false end
  local holds, settled = task.revision == version, nil
  if token ~= "" then
    holds, settled = task.token == token and task.version == version, token .. "\0" .. digest
  end
  if not holds then return whole(id, row) end

  local member = task.seq .. id
  if state == "" then remove(task, row, member)
  else change(task, row, member, settled, due, keeps ~= "", state, definition) end
  if drop == "all" then dropResults(id) elseif drop ~= "" then dropResult(id, drop) end
  if result then putSent(id, result) end
  for index = at, childrenAt - 1 do addEvent(ARGV[index]) end
  if children ~= "0" then
    local seq = takePlaces(tonumber(children))
    for index = childrenAt, childrenAt + children * 4 - 1, 4 do
      insert(index, seq)
      seq = seq + 1
    end
  end
  return 1
end

-- Answers what became of each, and where what follows them begins.
local function writeAll()
  local starts, ids, answers, at = {}, {}, {}, 2
  for index = 1, ARGV[1] do
    starts[index], ids[index] = at + 1, ARGV[at + 1]
    at = at + 1 + ARGV[at]
  end
  if #ids > 1 then prefetch(ids) end
  for index, start in ipairs(starts) do answers[index] = write(start) end
  flush()
  return answers, at
end
