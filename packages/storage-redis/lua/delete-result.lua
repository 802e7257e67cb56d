-- Parts: rows, results.
-- ARGV: the task; a run, or nothing for all. Answers how many there were.
return ARGV[2] == "" and dropResults(ARGV[1]) or dropResult(ARGV[1], ARGV[2])
