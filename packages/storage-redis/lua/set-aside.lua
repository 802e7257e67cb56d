-- Takes a task whose row turned out to be unreadable out of the leases, so that it is not claimed again and again.
-- ARGV: its id; the queues that it was claimed from.
for at = 2, #ARGV do
  local key = LEASES .. ARGV[at]
  for _, member in ipairs(call("ZRANGE", key, 0, -1)) do
    if sub(member, 16) == ARGV[1] then call("ZREM", key, member) end
  end
end
markStore()
call("SADD", BASE .. "corrupt", ARGV[1])
return 1
