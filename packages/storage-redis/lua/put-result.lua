-- Parts: rows, results.
-- ARGV: the task; the run; how long the result is kept, or nothing for ever; the result.
markStore()
putResult(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
flush()
return 1
