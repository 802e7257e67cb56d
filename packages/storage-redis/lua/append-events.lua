-- Parts: events.
-- ARGV: how many; events.
for at = 2, #ARGV do addEvent(ARGV[at]) end
return { nowText, {} }
