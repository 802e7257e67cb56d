-- Parts: payloads.
-- ARGV: the task. Answers its row, or false.
local row = call("HGET", TASKS, ARGV[1])
return row and whole(ARGV[1], row)
