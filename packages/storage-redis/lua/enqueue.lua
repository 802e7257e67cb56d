-- Parts: events, payloads, rows, results, insert.
-- Stores new tasks. ARGV: how many groups; of each its size, and four arguments a task, as `insert` takes them. Answers
-- now, and for each task what `insert` does.

local ARGUMENTS = 4

-- Whether a group of several has an id that stands for other content; then nothing of it is stored.
local function refusal(at, size)
  local answers, refused, digests = {}, false, {}
  for index = 1, size do
    local id, definition = ARGV[at], ARGV[at + 3]
    local digest = match(definition, "^%Z*%z%Z*%z%Z*%z%Z*%z(%Z*)%z")
    local there, row = read(id)
    there = row and (there and there.digest or "") or digests[id]
    local differs = there and there ~= digest
    refused = refused or differs
    answers[index] = differs and -1 or 0
    digests[id] = there or digest
    at = at + ARGUMENTS
  end
  return refused and answers
end

local ids, groups, at = {}, {}, 2
for group = 1, ARGV[1] do
  local size = tonumber(ARGV[at])
  groups[group] = size
  for index = at + 1, at + size * ARGUMENTS, ARGUMENTS do ids[#ids + 1] = ARGV[index] end
  at = at + 1 + size * ARGUMENTS
end
prefetch(ids)

local answers, created, seq = {}, false, takePlaces(#ids)
at = 2
for _, size in ipairs(groups) do
  at = at + 1
  local refused = size > 1 and refusal(at, size)
  for index = 1, size do
    local answer = refused and refused[index] or insert(at, seq)
    answers[#answers + 1] = answer
    created = created or answer == 1
    seq = seq + 1
    at = at + ARGUMENTS
  end
end
flush()
-- A hint that may be missed, so a user without the right to publish still enqueues.
if created then redis.pcall("PUBLISH", BASE .. "wake", "") end
return { nowText, answers }
