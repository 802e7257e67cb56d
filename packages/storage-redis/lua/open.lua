-- Makes the store ready. ARGV: the format that this adapter writes. Answers the format that is there, or the name of a
-- key that somebody else has made under one of our names; what it finds, it leaves as it is.
local TYPES = {
  tasks = "hash", payloads = "hash", meta = "hash", queues = "hash", blocks = "zset", results = "hash", expiry = "zset",
  events = "stream", corrupt = "set",
}
for name, expected in pairs(TYPES) do
  local found = call("TYPE", BASE .. name).ok
  if found ~= "none" and found ~= expected then return { "foreign", name } end
end
local there = call("HGET", META, "format")
if there then return { "format", there } end
for name in pairs(TYPES) do
  if name ~= "meta" and call("EXISTS", BASE .. name) == 1 then return { "foreign", name } end
end
call("HSET", META, "format", ARGV[1])
return { "format", ARGV[1] }
