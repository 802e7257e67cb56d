-- Stores new tasks, group by group. ARGV: the sizes of the groups, then four arguments a task, as `insert` takes them.
-- Answers now, a letter for each task, and the ids that the letter "t" stands for.

local ARGUMENTS = 4

-- Whether a group of several has an id that stands for other content; then nothing of it is stored.
local function refusal(at, size)
  local letters, refused, digests = {}, false, {}
  for index = 1, size do
    local id, definition = ARGV[at], ARGV[at + 3]
    local digest = match(definition, "^%Z*%z%Z*%z%Z*%z%Z*%z(%Z*)%z")
    local there, row = read(id)
    there = row and (there and there.digest or "") or digests[id]
    local differs = there and there ~= digest
    refused = refused or differs
    letters[index] = differs and "d" or "e"
    digests[id] = there or digest
    at = at + ARGUMENTS
  end
  return refused and letters
end

local sizes, total = {}, 0
for size in string.gmatch(ARGV[1], "%d+") do
  sizes[#sizes + 1] = tonumber(size)
  total = total + size
end

local ids = {}
for at = 2, #ARGV, ARGUMENTS do ids[#ids + 1] = ARGV[at] end
prefetch(ids)

local letters, answer, created = {}, { nowText, "" }, false
local seq, at = takePlaces(total), 2
for _, size in ipairs(sizes) do
  local refused = size > 1 and refusal(at, size)
  for index = 1, size do
    local letter, twin
    if refused then letter = refused[index] else letter, twin = insert(at, seq) end
    letters[#letters + 1] = letter
    answer[#answer + 1] = twin
    created = created or letter == "c"
    seq = seq + 1
    at = at + ARGUMENTS
  end
end
flush()
answer[2] = table.concat(letters)
-- A hint that may be missed, so a user without the right to publish still enqueues.
if created then redis.pcall("PUBLISH", BASE .. "wake", "") end
return answer
