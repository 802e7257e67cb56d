-- Parts: events, payloads, claim.
-- What `exchange` does where there is nothing to write. ARGV: 0; then as `claim` takes them.
return { nowText, {}, claim(2) }
