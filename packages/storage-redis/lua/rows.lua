-- Reading and writing rows, and where a task stands.

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
