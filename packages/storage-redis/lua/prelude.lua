-- What every script begins with: keys, time, and what is needed of tasks everywhere. A server makes its functions anew
-- for each call, so what only some scripts need is in parts of its own.
--
-- KEYS[1] is the base of all keys, "{prefix}:". Every other key is derived from it here, and nowhere else; the braces
-- are a hash tag, so that all of them are in one slot of a cluster, and a script may use them all.
--
-- KEYS[2] is the hash `meta`. While the slot moves to another node, Redis runs a script only where each key that it
-- declares is there: as no key has the name of the base, it then runs on neither side (ASK, TRYAGAIN) until all have moved.
--
--   tasks                      hash: id -> row
--   payloads                   hash: id -> a payload that stands apart from its row
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
--
-- A row is written anew with each step of its task. So a large payload stands apart, and is written, logged and sent to
-- replicas but once; see payloads.lua.

local call = redis.call
local format, find, match, sub, floor = string.format, string.find, string.match, string.sub, math.floor
local BASE, META = KEYS[1], KEYS[2]
local TASKS, QUEUES, BLOCKS = BASE .. "tasks", BASE .. "queues", BASE .. "blocks"
local PAYLOADS = BASE .. "payloads"
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

-- Tasks -----------------------------------------------------------------------------------------------------------

-- Marks the store as one, for `open`: whoever writes into an empty store does. The server may have been emptied, or the
-- store destroyed, after this instance was opened.
local function markStore()
  call("HSETNX", META, "format", FORMAT)
end

-- Takes so many places in the enqueue order and answers the first.
local function takePlaces(count)
  local last = call("HINCRBY", META, "seq", count)
  if last == count then markStore() end
  return last - count + 1
end

-- A place in the enqueue order. It is kept in the row as wide, so that a member needs no more than the two together.
local function wide(seq)
  return format("%015.0f", seq)
end

local function dueKey(queue, priority)
  return DUE .. priority .. ":" .. queue
end

-- A new row up to its due time.
local NEW = "1\0\0\0\0\0\0\0PENDING\0000\0000\0001\0000\0\0\0"

-- The row of a task that is created now, with the definition from its dedupe key on.
local function newRow(eta, place, definition)
  return NEW .. (eta == now and "" or int(eta)) .. "\0\0\0\0" .. place .. "\0" .. nowText .. "\0" .. definition
end
