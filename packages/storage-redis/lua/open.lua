-- Makes the store ready. Answers the format that is there, or the name of a key that somebody else has made under one of
-- our names; what it finds, it leaves as it is. Or else the commands that the user may not use: a script that is refused
-- one halfway cannot take back what it wrote before.
local TYPES = {
  tasks = "hash", payloads = "hash", meta = "hash", queues = "hash", blocks = "zset", results = "hash", expiry = "zset",
  events = "stream", corrupt = "set",
}
-- Each command of the scripts, on a key of ours that is gone again when this one ends.
local SCRATCH = BASE .. "rights"
local COMMANDS = {
  { "EXISTS" }, { "SCAN" },
  { "SET", "1" }, { "UNLINK" },
  { "SADD", "a" }, { "UNLINK" },
  { "HSET", "a", "1" }, { "HSETNX", "a", "1" }, { "HINCRBY", "a", "1" }, { "HGET", "a" }, { "HMGET", "a" }, { "HKEYS" },
  { "HDEL", "a" }, { "UNLINK" },
  { "ZADD", "1", "a" }, { "ZCARD" }, { "ZCOUNT", "1", "1" }, { "ZRANGE", "0", "0" }, { "ZREVRANGE", "0", "0" },
  { "ZRANGEBYSCORE", "1", "1" }, { "ZREMRANGEBYRANK", "1", "1" }, { "ZREM", "a" }, { "UNLINK" },
  { "RPUSH", "a" }, { "LRANGE", "0", "0" }, { "LREM", "1", "a" }, { "UNLINK" },
  { "XADD", "1-0", "e", "a" }, { "XRANGE", "-", "+" }, { "XTRIM", "MINID", "1-0" }, { "UNLINK" },
}

-- Whether the user may not use it. What else it fails by, such as a memory that is full, may be over when it is needed.
local function isDenied(name, ...)
  local answer = redis.pcall(name, name == "SCAN" and "0" or SCRATCH, ...)
  local refusal = type(answer) == "table" and answer.err
  return refusal and (string.find(refusal, "NOPERM", 1, true) or string.find(refusal, "user executing the script", 1, true))
end

if isDenied("TYPE") then return { "denied", "TYPE" } end
if call("TYPE", SCRATCH).ok ~= "none" then return { "foreign", "rights" } end
if isDenied("UNLINK") then return { "denied", "UNLINK" } end
local denied = {}
for _, command in ipairs(COMMANDS) do
  if isDenied(unpack(command)) then denied[#denied + 1] = command[1] end
end
if #denied > 0 then return { "denied", table.concat(denied, ", ") } end

for name, expected in pairs(TYPES) do
  local found = call("TYPE", BASE .. name).ok
  if found ~= "none" and found ~= expected then return { "foreign", name } end
end
local there = call("HGET", META, "format")
if there then return { "format", there } end
for name in pairs(TYPES) do
  if name ~= "meta" and call("EXISTS", BASE .. name) == 1 then return { "foreign", name } end
end
markStore()
return { "format", FORMAT }
