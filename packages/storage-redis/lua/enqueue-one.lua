-- Parts: payloads.
-- Stores the one new task of a call that brings no other, with nothing but the commands for it: what `enqueue` needs for
-- any number of tasks, and for what a task may bring along, takes longer than they do. ARGV: the id; when it is due; the
-- row from the dedupe key on, which is none. Answers now, and 1; or 0 where the id is there, for `enqueue` to judge.
local id, definition = ARGV[1], ARGV[3]
local eta, seq = dueAt(ARGV[2]), takePlaces(1)
local place = wide(seq)
local kept, payload = part(definition, DEFINITION_FIELDS + 1)
if call("HSETNX", TASKS, id, newRow(eta, place, kept)) == 0 then return { nowText, 0 } end
putPayload(id, payload)
local queue, priority = match(definition, "^%z(%Z+)%z(%-?%d+)%z")
call("ZADD", dueKey(queue, priority), int(eta), place .. id)
-- A queue that has priorities is known, and a block that has ids is among the blocks.
if call("ZADD", BASE .. "priorities:" .. queue, priority, priority) == 1 then call("HSETNX", QUEUES, queue, "0") end
local block = int(floor(seq / BLOCK_SIZE))
if call("RPUSH", BASE .. "block:" .. block, id) == 1 then call("ZADD", BLOCKS, block, block) end
redis.pcall("PUBLISH", BASE .. "wake", "")
return { nowText, 1 }
