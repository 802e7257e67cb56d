-- Parts: rows.
-- Removes finished tasks. ARGV: how many at most, not above 1,000; before when they ended; a status or nothing. Answers
-- how many, twice.
local left, before = tonumber(ARGV[1]), "(" .. ARGV[2]
local statuses = ARGV[3] == "" and { "SUCCESS", "FAILED", "CANCELLED" } or { ARGV[3] }
local removed = 0
for _, queue in ipairs(call("HKEYS", QUEUES)) do
  for _, status in ipairs(statuses) do
    if left == 0 then return { removed, removed } end
    local key = ENDED .. status .. ":" .. queue
    local members = call("ZRANGEBYSCORE", key, "-inf", before, "LIMIT", 0, left)
    if #members > 0 then
      local ids = {}
      for index, member in ipairs(members) do
        ids[index] = sub(member, 16)
        removeFromOrder(tonumber(sub(member, 1, 15)), ids[index])
      end
      call("ZREM", key, unpack(members))
      removed = removed + call("HDEL", TASKS, unpack(ids))
      call("HDEL", PAYLOADS, unpack(ids))
      left = left - #members
    end
  end
end
return { removed, removed }
