-- Parts: events.
-- Takes over events with their instants. ARGV: how many; events.
for at = 2, #ARGV do keepEvent(ARGV[at]) end
return { nowText, {} }
