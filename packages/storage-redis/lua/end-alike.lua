-- Leases that end alike. Needs payloads, rows and results.

-- The row of a running task up to its place in the enqueue order: revision, lastAttemptAt, token, eta.
local LEASED = "^(%d+)%z%d*%z(%d*)%z(%d+%z)%d*%z%Z*%z%Z*%z"
  .. "RUNNING%z%d+%z%d+%z%d+%z%d+%z%Z*%z%Z*%z(%d*)%z%d*%z%d*%z%Z*%z()"
-- What follows its `createdAt`: dedupeKey, queue, priority, scheduleVersion.
local KIND = "^(%z(%Z*)%z(%Z+)%z%-?%d+%z(%d+)%z)"
local PLACE_WIDTH = #wide(0)

-- Makes writes that end leases and share the state that follows, each of another task: all of them, or none. ARGV: the
-- scheduleVersion that must hold; the state, or nothing to remove the rows; how many arguments there are of each; how many;
-- then of each the id, the token and the digest of the outcome, and the result, if they bring any. Answers where what
-- follows them begins, or nil: for a guard that does not hold, and for what the writes of `write` do besides.
local function endAlike()
  local version, state, size, count = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
  local status = match(state, "^%u+")
  if status and isLive(status) then return nil end
  local first, ids = 5, {}
  for index = 1, count do ids[index] = ARGV[first + (index - 1) * size] end
  prefetch(ids)

  local members, queues, changed = {}, {}, {}
  -- Of the last row, as in `take`: what it began with, and what that becomes; what followed its `createdAt`.
  local head, token, placeFrom, ended, kind, queue
  for index, id in ipairs(ids) do
    local row, settled = rows[id], ARGV[first + (index - 1) * size + 1]
    if not row then return nil end
    if not (head and find(row, head, 1, true) == 1) then
      local revision, lastAttemptAt, eta
      revision, lastAttemptAt, token, eta, placeFrom = match(row, LEASED)
      if not revision then return nil end
      head = sub(row, 1, placeFrom - 1)
      ended = revision + 1 .. "\0" .. nowText .. "\0" .. lastAttemptAt .. "\0\0\0\0\0" .. state .. "\0" .. eta .. "\0"
        .. nowText .. "\0"
    end
    if find(settled, token, 1, true) ~= 1 then return nil end
    local kindFrom = find(row, "\0", placeFrom + PLACE_WIDTH + 1, true)
    if not kindFrom then return nil end
    if not (kind and find(row, kind, kindFrom, true) == kindFrom) then
      local dedupeKey, scheduleVersion
      kind, dedupeKey, queue, scheduleVersion = match(row, KIND, kindFrom)
      if dedupeKey ~= "" or scheduleVersion ~= version then return nil end
    end
    members[index], queues[index] = sub(row, placeFrom, placeFrom + PLACE_WIDTH - 1) .. id, queue
    changed[index] = status and ended .. settled .. "\0" .. sub(row, placeFrom)
  end

  for index, id in ipairs(ids) do
    local member = members[index]
    unstand(LEASES .. queues[index], member)
    if status then
      putRow(id, changed[index])
      put("ZADD", ENDED .. status .. ":" .. queues[index], nowText, member)
    else
      local removed = later("HDEL", TASKS)
      removed[#removed + 1] = id
      dropPayload(id, rows[id])
      removeFromOrder(sub(member, 1, PLACE_WIDTH), id)
    end
    if size > 2 then putSent(id, ARGV[first + (index - 1) * size + 2]) end
  end
  flush()
  return first + count * size
end
