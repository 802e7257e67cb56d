-- Parts: write, claim.
-- Makes guarded writes, then claims. ARGV: how many writes, each as `write` takes it, then as `claim` takes them.
-- Answers now, the answer of each write, and what `claim` does.
local answers, at = writeAll(tonumber(ARGV[1]))
return { nowText, answers, claim(at) }
