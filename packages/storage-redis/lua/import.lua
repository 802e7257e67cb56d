-- Takes over whole tasks. ARGV: of each the id, and the row up to its place in the enqueue order and after it.
-- Answers a letter for each, as `insert` does.
local letters = {}
local seq = takePlaces(#ARGV / 3)
for at = 1, #ARGV, 3 do
  local id, row = ARGV[at], ARGV[at + 1] .. wide(seq) .. ARGV[at + 2]
  local task = parse(id, row)
  if not task then return redis.error_reply("OMNIQ a record has a field that no record may have") end
  if not rowOf(id) then
    putRow(id, row)
    stand(task, task.seq .. id)
    appendToOrder(seq, id)
    if task.dedupeKey ~= "" and isLive(task.status) then markLive(task) end
    letters[#letters + 1] = "c"
  else
    letters[#letters + 1] = "e"
  end
  seq = seq + 1
end
flush()
return table.concat(letters)
