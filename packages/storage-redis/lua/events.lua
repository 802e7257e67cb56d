-- Events, each with the next number.

local function keepEvent(event)
  call("XADD", EVENTS, call("HINCRBY", META, "event", 1) .. "-0", "e", event)
end

local function addEvent(event)
  keepEvent(nowText .. "\0" .. event)
end
