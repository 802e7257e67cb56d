-- Results. Needs rows.

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

-- A result as a write brings it: its run, its time to live, or nothing, and what is stored of it.
local function putSent(id, result)
  local run, ttl, body = match(result, "^(%d+)%z(%d*)%z()")
  putResult(id, run, ttl, sub(result, body))
end
