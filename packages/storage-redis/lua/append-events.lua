-- ARGV: events.
for _, event in ipairs(ARGV) do addEvent(event) end
return 1
