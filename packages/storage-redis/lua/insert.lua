-- New tasks. Needs events, payloads, rows and results.

-- The live task with the key that was created last, if it was created within the window.
local function twinOf(dedupeKey, window)
  local id = call("ZREVRANGE", BASE .. "live:" .. dedupeKey, 0, 0)[1]
  local twin = id and read(id)
  if twin and (window == "" or now < twin.createdAt + window) then return twin end
end

local function postpone(twin, row, eta)
  local after = sub(row, twin.etaFrom + #twin.eta)
  twin.eta = int(eta)
  putRow(twin.id,
    twin.revision + 1 .. "\0" .. nowText .. "\0" .. sub(row, twin.lastFrom, twin.etaFrom - 1) .. twin.eta .. after)
  stand(twin, twin.seq .. twin.id)
end

-- Stores a task unless it is there. Its arguments: the id; when it is due, "c" where results of an earlier task of
-- this id go, and for a dedupe key ";", the window, "d" for debounce; its event, if any; the row from the dedupe key on.
-- Answers 1 for created, 0 for existing, -1 for one of other content, the id of a live one of the key.
local function insert(at, seq)
  local id, plan, event, definition = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local due, clears, window, debounce = match(plan, "^([@+]%d+)(c?);?(%d*)(d?)$")
  local dedupeKey, queue, priority, digest = match(definition, "^(%Z*)%z(%Z+)%z(%-?%d+)%z%d+%z(%Z*)%z")
  local eta, there = dueAt(due), rowOf(id)
  if there then
    local task = parse(id, there)
    return task and task.digest == digest and 0 or -1
  end
  if dedupeKey ~= "" then
    local twin = twinOf(dedupeKey, window)
    if twin then
      if debounce == "d" and twin.status == "PENDING" then postpone(twin, rowOf(twin.id), eta) end
      return twin.id
    end
  end
  local place = wide(seq)
  local task = {
    id = id, status = "PENDING", holds = "", eta = int(eta), createdAt = nowText, dedupeKey = dedupeKey, queue = queue,
    priority = priority, seq = place,
  }
  local kept, payload = part(definition, DEFINITION_FIELDS + 1)
  putRow(id, newRow(eta, place, kept))
  putPayload(id, payload)
  stand(task, place .. id)
  appendToOrder(seq, id)
  if dedupeKey ~= "" then markLive(task) end
  if clears == "c" then dropResults(id) end
  if event ~= "" then addEvent(event) end
  return 1
end
