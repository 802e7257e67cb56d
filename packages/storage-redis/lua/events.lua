-- Events, each with the next number.

local function keepEvent(event)
  local number = call("HINCRBY", META, "event", 1)
  if number == 1 then markStore() end
  call("XADD", EVENTS, number .. "-0", "e", event)
end

local function addEvent(event)
  keepEvent(nowText .. "\0" .. event)
end
