-- Looks at the next 1,000 events. ARGV: the sequence after which to begin; how many to find; a task, a type, a worker, the
-- first instant and the one after the last, each or nothing. Answers the sequence looked at last, or nothing where the end
-- was reached, and a pair of the entry's id and the event of each that fits.
local limit, from, to = tonumber(ARGV[2]), tonumber(ARGV[6]), tonumber(ARGV[7])
local wanted = { ARGV[3], ARGV[4], ARGV[5] }

local function fits(event)
  local at, id, type_, worker = match(event, "^(%d+)%z(%Z*)%z(%Z*)%z%d*%z%d*%z(%Z*)%z")
  at = tonumber(at)
  if not at or from and at < from or to and at >= to then return false end
  for index, value in ipairs({ id, type_, worker }) do
    if wanted[index] ~= "" and wanted[index] ~= value then return false end
  end
  return true
end

local found = {}
local entries = call("XRANGE", EVENTS, "(" .. int(math.max(tonumber(ARGV[1]), 0)) .. "-0", "+", "COUNT", STEP)
for _, entry in ipairs(entries) do
  if fits(entry[2][2]) then found[#found + 1] = { entry[1], entry[2][2] } end
  if #found == limit then return { match(entry[1], "^%d+"), found } end
end
return { #entries == STEP and match(entries[STEP][1], "^%d+") or "", found }
