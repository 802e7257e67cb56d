-- Parts: claim.
-- Claims tasks. ARGV: as `claim` takes them. Answers now and what `claim` does.
return { nowText, claim(1) }
