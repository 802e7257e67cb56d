-- Claims tasks. ARGV from `at` on: the most tasks, the worker, the length of the lease, the types of the events for
-- tasks claimed and taken over, or nothing; a stamp of the call, or nothing; the instant after which nobody waits for the
-- answer, so that nothing is to be claimed, or nothing; then pairs of a queue and its limit.
-- Answers how many were taken over, and a pair of id and row of each, those first; or only -1, where a call of this stamp was
-- made before.

local STAMP_MS = 600000
-- A sorted set of few short members is a list, along which each command walks. With one that is too long for a list it is a
-- tree, and stays one for as long as it has members.
local MANY, TOO_LONG = 8, string.rep(" ", 65)

-- A row with its run; from before that on, a claim leaves it as it is.
local HEAD = "^(%d+)%z%d*%z%d*%z%d*%z%d*%z(%Z*)%z%Z*%z(%u+)%z(%d+)%z(%d+)()%z(%d+)%z()"

-- Later than every token before, and than the time, so that not even a server that lost its last writes gives one
-- twice. Real time: the test clock may go back.
local function nextToken()
  local last = tonumber(call("HGET", META, "token") or "0")
  local token = format("%016.0f", math.max(last + 1, micros))
  call("HSET", META, "token", token)
  return token
end

-- Takes tasks under the lease out of `from`, a sorted set that begins with these members, and answers how many. A row
-- that is gone is forgotten; one that cannot be read is set aside, so that it holds up no other.
local function take(lease, from, members, out)
  local ids, changes, stands, lost = {}, {}, {}, {}
  for index, member in ipairs(members) do ids[index] = sub(member, 16) end
  local count, answered = 0, #out
  -- Of the last row: what it began with, and of what that says. Tasks that are claimed together mostly begin alike, and to
  -- compare a text is far cheaper than to take it apart.
  local head, recovers, attempts, run, workerId, claimed, restFrom
  for index, row in ipairs(call("HMGET", TASKS, unpack(ids))) do
    local id = ids[index]
    if row and not (head and find(row, head, 1, true) == 1) then
      local revision, status, recoveries, headTo
      revision, workerId, status, attempts, recoveries, restFrom, run, headTo = match(row, HEAD)
      recovers = status == "RUNNING"
      if recovers then recoveries = recoveries + 1 end
      head = (recovers or status == "PENDING") and sub(row, 1, headTo - 1)
      claimed = head and revision + 1 .. lease.head .. attempts + 1 .. "\0" .. recoveries
    end
    if row and head then
      local changed = claimed .. sub(row, restFrom)
      changes[count + 1], changes[count + 2] = id, changed
      stands[count + 1], stands[count + 2] = lease.until_, members[index]
      count = count + 2
      answered = answered + 1
      out[answered] = { id, whole(id, changed) }
      if recovers and lease.recovered ~= "" then
        addEvent(id .. "\0" .. lease.recovered .. "\0" .. run .. "\0" .. attempts .. "\0" .. workerId .. "\0")
      elseif not recovers and lease.claimed ~= "" then
        addEvent(id .. "\0" .. lease.claimed .. "\0" .. run .. "\0" .. attempts + 1 .. "\0" .. lease.worker .. "\0")
      end
    else
      lost[#lost + 1] = members[index]
      if row then call("SADD", BASE .. "corrupt", id) end
    end
  end
  if from ~= lease.leases then call("ZREMRANGEBYRANK", from, 0, #members - 1)
  elseif #lost > 0 then call("ZREM", from, unpack(lost)) end
  if count > 0 then
    call("HSET", TASKS, unpack(changes))
    local isNew = count / 2 >= MANY and call("EXISTS", lease.leases) == 0
    if isNew then call("ZADD", lease.leases, 0, TOO_LONG) end
    call("ZADD", lease.leases, unpack(stands))
    if isNew then call("ZREM", lease.leases, TOO_LONG) end
  end
  return count / 2
end

local function claim(at)
  local limit, worker, leaseMs = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
  local lease = { worker = worker, until_ = int(now + leaseMs), claimed = ARGV[at + 3], recovered = ARGV[at + 4] }
  local stamp, deadline = ARGV[at + 5], ARGV[at + 6]
  if deadline ~= "" and now > tonumber(deadline) then return { 0 } end
  if stamp ~= "" and not call("SET", BASE .. "claim:" .. stamp, "1", "NX", "PX", STAMP_MS) then return { -1 } end
  local examined, left, recovered, claimed = 0, limit, { 0 }, {}
  -- At most so many due members of a set, in steps; answers how many were taken.
  local function drain(from, room, out)
    local taken = 0
    while taken < room do
      local most = math.min(room - taken, STEP)
      local members = call("ZRANGEBYSCORE", from, "-inf", nowText, "LIMIT", 0, most)
      examined = examined + #members
      if #members > 0 then
        if not lease.head then
          lease.head = "\0" .. nowText .. "\0" .. nowText .. "\0" .. nextToken() .. "\0" .. lease.until_ .. "\0"
            .. worker .. "\0\0RUNNING\0"
        end
        taken = taken + take(lease, from, members, out)
      end
      if #members < most then break end
    end
    return taken
  end
  for index = at + 7, #ARGV, 2 do
    local queue, room = ARGV[index], math.min(tonumber(ARGV[index + 1]), left)
    if room > 0 and call("HGET", QUEUES, queue) == "0" then
      lease.leases = LEASES .. queue
      local taken = drain(lease.leases, room, recovered)
      if taken < room then
        for _, priority in ipairs(call("ZREVRANGE", BASE .. "priorities:" .. queue, 0, -1)) do
          local from = dueKey(queue, priority)
          examined = examined + 1
          taken = taken + drain(from, room - taken, claimed)
          if taken >= room then break end
          if call("EXISTS", from) == 0 then call("ZREM", BASE .. "priorities:" .. queue, priority) end
        end
      end
      left = left - taken
    end
  end
  if TEST_CLOCK then call("HINCRBY", META, "examined", examined) end
  local count = #recovered
  recovered[1] = count - 1
  for index, value in ipairs(claimed) do recovered[count + index] = value end
  return recovered
end
