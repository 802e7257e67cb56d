-- Parts: payloads, rows.
-- Looks at tasks in the enqueue order, a bounded number in one call. ARGV: the place after which to begin; how many to
-- find; a queue, a status and a name, or nothing. Answers the last place looked at, or nothing where the end was
-- reached, and a pair of id and row of each that fits.
local MOST_BLOCKS, MOST_BYTES = 8, 8388608
local cursor, limit, queue, status, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local found, bytes, last = {}, 0, cursor
local from = int(floor(cursor / BLOCK_SIZE))
for _, block in ipairs(call("ZRANGEBYSCORE", BLOCKS, from, "+inf", "LIMIT", 0, MOST_BLOCKS)) do
  local ids = call("LRANGE", BASE .. "block:" .. block, 0, -1)
  if #ids > 0 then
    for index, row in ipairs(call("HMGET", TASKS, unpack(ids))) do
      local task = row and parse(ids[index], row)
      if task and tonumber(task.seq) > cursor then
        last = tonumber(task.seq)
        local fits = (queue == "" or task.queue == queue) and (status == "" or task.status == status)
          and (name == "" or match(row, "^%Z+%z%Z+%z%d+%z%Z*%z(%Z+)%z", task.definitionFrom) == name)
        if fits then
          local answered = whole(ids[index], row)
          bytes = bytes + #answered
          found[#found + 1] = { ids[index], answered }
        end
        if #found >= limit or bytes > MOST_BYTES then return { int(last), found } end
      end
    end
  end
  last = (block + 1) * BLOCK_SIZE - 1
end
local more = call("ZCOUNT", BLOCKS, int(floor(last / BLOCK_SIZE) + 1), "+inf") > 0
return { more and int(last) or "", found }
