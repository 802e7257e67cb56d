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
--   results                    hash: <run>:<id> -> result
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
local RESULTS, EXPIRY, EVENTS = BASE .. "results", BASE .. "expiry", BASE .. "events"
local DUE, HELD, LEASES, ENDED = BASE .. "due:", BASE .. "held:", BASE .. "leases:", BASE .. "ended:"
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

-- In lines: revision to token, leaseUntil to progress; status to holds; eta to settledDigest; sequence to dedupeKey;
-- queue to contentDigest.
local ROW = "^(%d+)%z%d*%z()(%d*)%z(%d*)%z()(%d*)%z%Z*%z%Z*%z()"
  .. "(%u+)%z%d+%z%d+%z%d+%z%d+%z%Z*%z(%Z*)%z"
  .. "()(%d*)%z(%d*)%z%d*%z%Z*%z"
  .. "()(%d+)%z(%d+)%z(%Z*)%z"
  .. "()(%Z+)%z(%-?%d+)%z(%d+)%z(%Z*)%z"

-- What is needed of a row to change it; `...From` is where a part of it begins. Nil where the row is none.
local function parse(id, row)
  local revision, lastFrom, lastAttemptAt, token, leaseFrom, leaseUntil, stateFrom, status, holds, etaFrom, eta, finishedAt,
    identityFrom, seq, createdAt, dedupeKey, definitionFrom, queue, priority, version, digest = match(row, ROW)
  if not revision then return nil end
  return {
    id = id, revision = revision, lastFrom = lastFrom, lastAttemptAt = lastAttemptAt, token = token,
    leaseFrom = leaseFrom, leaseUntil = leaseUntil, stateFrom = stateFrom, status = status, holds = holds,
    etaFrom = etaFrom, eta = eta, finishedAt = finishedAt, identityFrom = identityFrom, seq = seq,
    createdAt = createdAt, dedupeKey = dedupeKey, definitionFrom = definitionFrom, queue = queue,
    priority = priority, version = version, digest = digest,
  }
end

-- What is to be written is gathered and written in few commands, each being as dear as the work that it does. Rows are
-- read through what was gathered; whoever reads a set or a hash otherwise flushes first.
local rows = {}
-- By key: a command, and its arguments so far.
local commands, gathered = {}, {}

-- The row, or false.
local function rowOf(id)
  local row = rows[id]
  if row == nil then
    row = call("HGET", TASKS, id)
    rows[id] = row
  end
  return row
end

-- Reads many rows at once, for `rowOf` to find.
local function prefetch(ids)
  for from = 1, #ids, STEP do
    local found = call("HMGET", TASKS, unpack(ids, from, math.min(from + STEP - 1, #ids)))
    for index, row in ipairs(found) do rows[ids[from + index - 1]] = row end
  end
end

local function flushKey(key)
  local command, args = commands[key], gathered[key]
  commands[key] = nil
  for from = 1, #args, STEP do call(command, key, unpack(args, from, math.min(from + STEP - 1, #args))) end
end

local function flush()
  for key in pairs(commands) do flushKey(key) end
end

-- The arguments of a command on this key, to append to. Of commands on one key, the order stays.
local function later(command, key)
  local present = commands[key]
  if present == command then return gathered[key] end
  if present then flushKey(key) end
  local args = {}
  commands[key], gathered[key] = command, args
  return args
end

local function put(command, key, first, second)
  local args = commands[key] == command and gathered[key] or later(command, key)
  local count = #args
  args[count + 1] = first
  args[count + 2] = second
end

local function putRow(id, row)
  rows[id] = row
  put("HSET", TASKS, id, row)
end

local function read(id)
  local row = rowOf(id)
  return row and parse(id, row), row
end

-- A place in the enqueue order. It is kept in the row as wide, so that a member needs no more than the two together.
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
  return DUE .. priority .. ":" .. queue
end

-- The sorted set that a task stands in, and its score there.
local function standOf(task)
  local status, queue = task.status, task.queue
  if status == "RUNNING" then return LEASES .. queue, task.leaseUntil end
  if status ~= "PENDING" then return ENDED .. status .. ":" .. queue, task.finishedAt == "" and "0" or task.finishedAt end
  if task.holds ~= "" then return HELD .. queue, "0" end
  return dueKey(queue, task.priority), task.eta == "" and task.createdAt or task.eta
end

local function stand(task, member)
  local key, score = standOf(task)
  put("ZADD", key, score, member)
  knowQueue(task.queue)
  if task.status == "PENDING" and task.holds == "" and not knownPriorities[key] then
    put("ZADD", BASE .. "priorities:" .. task.queue, task.priority, task.priority)
    knownPriorities[key] = true
  end
  return key
end

local function unstand(key, member)
  local args = later("ZREM", key)
  args[#args + 1] = member
end

local function markLive(task)
  call("ZADD", BASE .. "live:" .. task.dedupeKey, task.seq, task.id)
end

local function unmarkLive(task)
  call("ZREM", BASE .. "live:" .. task.dedupeKey, task.id)
end

-- The block that was appended to last, which is known to be among the blocks.
local orderBlock, orderKey

local function appendToOrder(seq, id)
  local block = floor(seq / BLOCK_SIZE)
  if block ~= orderBlock then
    local name = int(block)
    orderBlock, orderKey = block, BASE .. "block:" .. name
    put("ZADD", BLOCKS, name, name)
  end
  local args = later("RPUSH", orderKey)
  args[#args + 1] = id
end

local function removeFromOrder(seq, id)
  local block = floor(seq / BLOCK_SIZE)
  local key = BASE .. "block:" .. int(block)
  orderBlock = nil
  call("LREM", key, 1, id)
  if call("EXISTS", key) == 0 then call("ZREM", BLOCKS, int(block)) end
end

-- Results and events ---------------------------------------------------------------------------------------------

-- How long an expired result may lie about before whoever stores another one removes it: a sweep that never comes leaves
-- no garbage for ever.
local GRACE_MS = 86400000

local function dropResult(id, run)
  flush()
  local name = run .. ":" .. id
  call("ZREM", EXPIRY, name)
  if run ~= "1" then call("ZREM", BASE .. "runs:" .. id, run) end
  return call("HDEL", RESULTS, name)
end

local function dropResults(id)
  local dropped = dropResult(id, "1")
  for _, run in ipairs(call("ZRANGE", BASE .. "runs:" .. id, 0, -1)) do dropped = dropped + dropResult(id, run) end
  return dropped
end

-- At most so many that expired by then; answers how many there were, and how many of them were removed.
local function dropExpired(by, most)
  local names, removed = call("ZRANGEBYSCORE", EXPIRY, "-inf", by, "LIMIT", 0, most), 0
  for _, name in ipairs(names) do
    local run, id = match(name, "^(%d+):(.*)$")
    removed = removed + dropResult(id, run)
  end
  return { #names, removed }
end

-- When results of a time to live expire, as text.
local expiries = {}

local function putResult(id, run, ttl, body)
  local name, expiresAt = run .. ":" .. id, expiries[ttl]
  if not expiresAt then
    if not next(expiries) then dropExpired(int(now - GRACE_MS), 16) end
    expiresAt = ttl == "" and "" or int(now + ttl)
    expiries[ttl] = expiresAt
  end
  put("HSET", RESULTS, name, nowText .. "\0" .. expiresAt .. "\0" .. body)
  if ttl ~= "" then put("ZADD", EXPIRY, expiresAt, name) else unstand(EXPIRY, name) end
  if run ~= "1" then put("ZADD", BASE .. "runs:" .. id, run, run) end
end

local function keepEvent(event)
  call("XADD", EVENTS, call("HINCRBY", META, "event", 1) .. "-0", "e", event)
end

local function addEvent(event)
  keepEvent(nowText .. "\0" .. event)
end

-- New tasks ------------------------------------------------------------------------------------------------------

-- A new row up to its due time.
local NEW = "1\0\0\0\0\0\0\0PENDING\0000\0000\0001\0000\0\0\0"

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
    id = id, status = "PENDING", holds = "", eta = eta == now and nowText or int(eta), createdAt = nowText,
    dedupeKey = dedupeKey, queue = queue, priority = priority, seq = place,
  }
  putRow(id, NEW .. (eta == now and "" or task.eta) .. "\0\0\0\0" .. place .. "\0" .. nowText .. "\0" .. definition)
  stand(task, place .. id)
  appendToOrder(seq, id)
  if dedupeKey ~= "" then markLive(task) end
  if clears == "c" then dropResults(id) end
  if event ~= "" then addEvent(event) end
  return 1
end
