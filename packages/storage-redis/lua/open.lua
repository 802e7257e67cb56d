-- Makes the store ready. Answers the format that is there, or the name of a key that somebody else has made under one of
-- our names; what it finds, it leaves as it is. Or else the commands that the user may not use: a script that is refused
-- one halfway cannot take back what it wrote before.
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
markStore()
return { "format", FORMAT }
