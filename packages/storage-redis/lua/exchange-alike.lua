-- Parts: events, payloads, rows, results, end-alike, claim.
-- What `exchange` does where leases end alike. ARGV: as `endAlike` takes them, then as `claim` does, if there is to be a
-- claim. Answers now, 1, and what `claim` answers; or now and 0 where nothing was done, for `exchange` to do it.
local at = endAlike()
if not at then return { nowText, 0 } end
return { nowText, 1, at <= #ARGV and claim(at) or nil }
