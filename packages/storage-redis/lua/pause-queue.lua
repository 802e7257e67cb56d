-- ARGV: the queue; "1" to pause it, "0" to go on.
markStore()
call("HSET", QUEUES, ARGV[1], ARGV[2])
return 1
