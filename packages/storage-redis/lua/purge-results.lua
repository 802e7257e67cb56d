-- Parts: rows, results.
-- Removes expired results. ARGV: how many at most, not above 1,000. Answers how many were looked at, and how many removed.
return dropExpired(nowText, ARGV[1])
