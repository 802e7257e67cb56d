-- Parts: events, payloads, rows, results, insert, write, claim.
-- Makes guarded writes, then claims. ARGV: as `writeAll` takes them, then as `claim` does, if there is to be a claim.
-- Answers now, the answer of each write, and what `claim` answers.
local answers, at = writeAll()
return { nowText, answers, at <= #ARGV and claim(at) or nil }
