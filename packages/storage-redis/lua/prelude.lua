-- What every script begins with: keys, time, rows, and where a task stands.
--
-- KEYS[1] is the base of all keys, "{prefix}:". Every other key is derived from it here, and nowhere else; the braces
-- are a hash tag, so that all of them are in one slot of a cluster, and a script may use them all.
--
--   tasks                      hash: id -> row
--   meta                       hash: format, seq, token, and for tests clock and examined
--   queues                     hash: name -> "1" where it is paused, else "0"
--   due:<priority>:<queue>     sorted set of waiting tasks by due time
--   priorities:<queue>         sorted set of the priorities that may have waiting tasks
--   held:<queue>               sorted set of waiting tasks that something holds
--   leases:<queue>             sorted set of running tasks by the end of their leases
--   ended:<status>:<queue>     sorted set of finished tasks by when they ended
--   blocks, block:<n>          which blocks of the enqueue order exist; list of the ids of one, in that order
--   live:<dedupe key>          sorted set of live tasks with that key by their place in the enqueue order
--   result:<run>:<id>          string: a result, with a native time to live well beyond its own
--   runs:<id>                  sorted set of the runs after the first that have a result
--   expiry                     sorted set of "<run>:<id>" of results by when they expire
--   events                     stream: <sequence>-0 -> an event
--   corrupt                    set of the ids of rows that could not be read when they were to be claimed
--
-- A member of the sets that hold tasks is the place in the enqueue order, 15 digits wide, and the id: equal scores are
-- then sorted by the enqueue order, and the id is at hand.
--
-- A row is fields with NUL between them, since no id or name may contain one; the last field, the payload, may hold
-- anything. Nothing here looks into it. An empty field is null; an empty `updatedAt` or `eta` is `createdAt`.

local call = redis.call
local format, match, sub, floor = string.format, string.match, string.sub, math.floor
local BASE = KEYS[1]
local TASKS, META, QUEUES, BLOCKS = BASE .. "tasks", BASE .. "meta", BASE .. "queues", BASE .. "blocks"
local EXPIRY, EVENTS = BASE .. "expiry", BASE .. "events"
local BLOCK_SIZE = 128
-- Lua's stack bounds how many arguments one command may get.
local STEP = 1000

local function int(number)
  return format("%.0f", number)
end

-- Time -----------------------------------------------------------------------------------------------------------

local wall = call("TIME")
local micros = tonumber(wall[1]) * 1000000 + tonumber(wall[2])
local now = floor(micros / 1000)
-- A test that has not set its clock yet, or no more, goes by the real one.
if TEST_CLOCK then now = tonumber(call("HGET", META, "clock") or now) end
local nowText = int(now)

-- The instant that a due time means: "@" and an instant, or "+" and a length of time.
local function dueAt(due)
  local amount = tonumber(sub(due, 2))
  return sub(due, 1, 1) == "@" and amount or now + amount
end

-- Later than every token before, and than the time, so that not even a server that lost its last writes gives one
-- twice. Real time: the test clock may go back.
local function nextToken()
  local last = tonumber(call("HGET", META, "token") or "0")
  local token = format("%016.0f", math.max(last + 1, micros))
  call("HSET", META, "token", token)
  return token
end

-- Takes so many places in the enqueue order and answers the first.
local function takePlaces(count)
  return call("HINCRBY", META, "seq", count) - count + 1
end

-- Rows -----------------------------------------------------------------------------------------------------------

-- Written out, since a script begins anew with each call. In lines: status to progress; run to settledDigest; seq to
-- dedupeKey; queue to contentDigest; name to concurrencyKey.
local ROW = "^(%u+)%z(%d+)%z(%d+)%z(%d+)%z(%d*)%z(%d*)%z(%d*)%z(%d*)%z(%Z*)%z(%Z*)%z"
  .. "()(%d+)%z(%d+)%z(%Z*)%z(%Z*)%z(%d*)%z(%d*)%z(%d*)%z(%Z*)%z"
  .. "()(%d+)%z(%d+)%z(%Z*)%z"
  .. "()(%Z+)%z(%-?%d+)%z(%d+)%z(%Z*)%z"
  .. "%Z+%z%Z*%z%Z*%z%d+%z%d*%z%Z*%z%Z*%z%Z*%z"

-- Nil where the row is none.
local function parse(id, row)
  local status, revision, attempts, recoveries, updatedAt, lastAttemptAt, token, leaseUntil, workerId, progress,
    stateFrom, run, failures, error, holds, eta, finishedAt, settledToken, settledDigest,
    identityFrom, seq, createdAt, dedupeKey,
    definitionFrom, queue, priority, version, digest = match(row, ROW)
  if not status then return nil end
  return {
    id = id, status = status, revision = revision, attempts = attempts, recoveries = recoveries,
    lastAttemptAt = lastAttemptAt, token = token, leaseUntil = leaseUntil, workerId = workerId, progress = progress,
    stateFrom = stateFrom, run = run, holds = holds, eta = eta, finishedAt = finishedAt,
    settledToken = settledToken, settledDigest = settledDigest,
    identityFrom = identityFrom, seq = seq, createdAt = createdAt, dedupeKey = dedupeKey,
    definitionFrom = definitionFrom, queue = queue, priority = priority, version = version, digest = digest,
  }
end

-- What is to be written is gathered and written in few commands, each being as dear as the work that it does. Rows are
-- read through what was gathered; whoever reads a set of tasks flushes first.
local rows, dirty = {}, {}
local sets, order = {}, {}

local function prefetch(ids)
  for from = 1, #ids, STEP do
    local found = call("HMGET", TASKS, unpack(ids, from, math.min(from + STEP - 1, #ids)))
    for index, row in ipairs(found) do rows[ids[from + index - 1]] = row end
  end
end

-- The row, or false.
local function rowOf(id)
  local row = rows[id]
  if row == nil then
    row = call("HGET", TASKS, id)
    rows[id] = row
  end
  return row
end

local function putRow(id, row)
  rows[id] = row
  dirty[id] = row
end

-- Puts a member into a sorted set, or takes it out where there is no score.
local function place(key, member, score)
  local set = sets[key]
  if not set then
    set = {}
    sets[key] = set
  end
  set[member] = score or false
end

-- Calls a command with many arguments, in steps.
local function callMany(command, key, args)
  for from = 1, #args, STEP do call(command, key, unpack(args, from, math.min(from + STEP - 1, #args))) end
end

local function flush()
  local args = {}
  for id, row in pairs(dirty) do
    args[#args + 1] = id
    args[#args + 1] = row
  end
  callMany("HSET", TASKS, args)
  for key, set in pairs(sets) do
    local added, removed = {}, {}
    for member, score in pairs(set) do
      if score then
        added[#added + 1] = score
        added[#added + 1] = member
      else
        removed[#removed + 1] = member
      end
    end
    callMany("ZREM", key, removed)
    callMany("ZADD", key, added)
  end
  for block, ids in pairs(order) do
    local name = int(block)
    if call("RPUSH", BASE .. "block:" .. name, unpack(ids)) == #ids then call("ZADD", BLOCKS, name, name) end
  end
  dirty, sets, order = {}, {}, {}
end

local function read(id)
  local row = rowOf(id)
  return row and parse(id, row), row
end

-- `seq` is kept in the row as wide as here, so that a member needs no more than the two together.
local function wide(seq)
  return format("%015.0f", seq)
end

-- Where a task stands --------------------------------------------------------------------------------------------

local function isLive(status)
  return status == "PENDING" or status == "RUNNING"
end

local knownQueues, knownPriorities = {}, {}

local function knowQueue(queue)
  if knownQueues[queue] then return end
  call("HSETNX", QUEUES, queue, "0")
  knownQueues[queue] = true
end

local function dueKey(queue, priority)
  return BASE .. "due:" .. priority .. ":" .. queue
end

-- The sorted set that a task stands in, and its score there.
local function standOf(task)
  local status, queue = task.status, task.queue
  if status == "RUNNING" then return BASE .. "leases:" .. queue, task.leaseUntil end
  if status ~= "PENDING" then return BASE .. "ended:" .. status .. ":" .. queue, task.finishedAt == "" and "0" or task.finishedAt end
  if task.holds ~= "" then return BASE .. "held:" .. queue, "0" end
  return dueKey(queue, task.priority), task.eta == "" and task.createdAt or task.eta
end

local function stand(task, member)
  local key, score = standOf(task)
  place(key, member, score)
  knowQueue(task.queue)
  if task.status == "PENDING" and task.holds == "" and not knownPriorities[key] then
    place(BASE .. "priorities:" .. task.queue, task.priority, task.priority)
    knownPriorities[key] = true
  end
  return key
end

local function markLive(task)
  call("ZADD", BASE .. "live:" .. task.dedupeKey, task.seq, task.id)
end

local function unmarkLive(task)
  call("ZREM", BASE .. "live:" .. task.dedupeKey, task.id)
end

local function appendToOrder(seq, id)
  local block = floor(seq / BLOCK_SIZE)
  local ids = order[block]
  if ids then ids[#ids + 1] = id else order[block] = { id } end
end

local function removeFromOrder(seq, id)
  local block = floor(seq / BLOCK_SIZE)
  local key = BASE .. "block:" .. int(block)
  call("LREM", key, 1, id)
  if call("EXISTS", key) == 0 then call("ZREM", BLOCKS, int(block)) end
end

-- Results and events ---------------------------------------------------------------------------------------------

-- How much longer than by the contract's clock the server itself keeps a result: a sweep that never comes leaves no
-- garbage for ever.
local GRACE_MS = 86400000

local function dropResult(id, run)
  local name = run .. ":" .. id
  place(EXPIRY, name)
  if run ~= "1" then place(BASE .. "runs:" .. id, run) end
  return call("DEL", BASE .. "result:" .. name)
end

local function dropResults(id)
  flush()
  local dropped = dropResult(id, "1")
  for _, run in ipairs(call("ZRANGE", BASE .. "runs:" .. id, 0, -1)) do dropped = dropped + dropResult(id, run) end
  return dropped
end

local function putResult(id, run, ttl, body)
  local name = run .. ":" .. id
  local key = BASE .. "result:" .. name
  if ttl == "" then
    call("SET", key, nowText .. "\0\0" .. body)
    place(EXPIRY, name)
  else
    local expiresAt = int(now + ttl)
    call("SET", key, nowText .. "\0" .. expiresAt .. "\0" .. body, "PX", int(ttl + GRACE_MS))
    place(EXPIRY, name, expiresAt)
  end
  if run ~= "1" then place(BASE .. "runs:" .. id, run, run) end
end

local function addEvent(event)
  call("XADD", EVENTS, call("HINCRBY", META, "event", 1) .. "-0", "e", nowText .. "\0" .. event)
end

-- New tasks ------------------------------------------------------------------------------------------------------

-- A new row up to its due time.
local NEW = "PENDING\0001\0000\0000\0\0\0\0\0\0\0001\0000\0\0\0"

-- The live task with the key that was created last, if it was created within the window.
local function twinOf(dedupeKey, window)
  local id = call("ZREVRANGE", BASE .. "live:" .. dedupeKey, 0, 0)[1]
  local twin = id and read(id)
  if twin and (window == "" or now < twin.createdAt + window) then return twin end
end

local function postpone(twin, row, eta)
  twin.eta = int(eta)
  local changed = "PENDING\0" .. int(twin.revision + 1) .. "\0" .. twin.attempts .. "\0" .. twin.recoveries .. "\0"
    .. nowText .. "\0" .. twin.lastAttemptAt .. "\0\0\0\0" .. twin.progress .. "\0"
    .. match(sub(row, twin.stateFrom), "^%d+%z%d+%z%Z*%z%Z*%z") .. twin.eta .. "\0"
    .. twin.finishedAt .. "\0" .. twin.settledToken .. "\0" .. twin.settledDigest .. "\0" .. sub(row, twin.identityFrom)
  putRow(twin.id, changed)
  stand(twin, twin.seq .. twin.id)
end

-- Stores a task unless it is there. Its arguments: the id; when it is due, "c" where results of an earlier task of
-- this id go, and for a dedupe key ";", the window, "d" for debounce; its event, if any; the row from the dedupe key on.
-- Answers "c" for created, "e" for existing, "d" for one of other content, "t" and the id for a live one of the key.
local function insert(at, seq)
  local id, plan, event, definition = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local due, clears, window, debounce = match(plan, "^([@+]%d+)(c?);?(%d*)(d?)$")
  local dedupeKey, queue, priority, digest = match(definition, "^(%Z*)%z(%Z+)%z(%-?%d+)%z%d+%z(%Z*)%z")
  local eta, there = dueAt(due), rowOf(id)
  if there then
    local task = parse(id, there)
    return task and task.digest == digest and "e" or "d"
  end
  if dedupeKey ~= "" then
    local twin = twinOf(dedupeKey, window)
    if twin then
      if debounce == "d" and twin.status == "PENDING" then postpone(twin, rowOf(twin.id), eta) end
      return "t", twin.id
    end
  end
  local place_ = wide(seq)
  local task = {
    id = id, status = "PENDING", holds = "", eta = eta == now and nowText or int(eta), createdAt = nowText,
    dedupeKey = dedupeKey, queue = queue, priority = priority, seq = place_,
  }
  putRow(id, NEW .. (eta == now and "" or task.eta) .. "\0\0\0\0" .. place_ .. "\0" .. nowText .. "\0" .. definition)
  stand(task, place_ .. id)
  appendToOrder(seq, id)
  if dedupeKey ~= "" then markLive(task) end
  if clears == "c" then dropResults(id) end
  if event ~= "" then addEvent(event) end
  return "c"
end
