-- Parts: payloads, rows.
-- Takes over whole tasks. ARGV: how many; of each the id, and the row up to its place in the enqueue order and after it.
-- Answers now, and for each 1, or 0 where it exists.
local answers, seq = {}, takePlaces(tonumber(ARGV[1]))
for at = 2, #ARGV, 3 do
  local id, after, payload = ARGV[at], part(ARGV[at + 2], DEFINITION_FIELDS + 3)
  local row = ARGV[at + 1] .. wide(seq) .. after
  local task = parse(id, row)
  if not task then return redis.error_reply("OMNIQ a record has a field that no record may have") end
  local isNew = not rowOf(id)
  if isNew then
    putRow(id, row)
    putPayload(id, payload)
    stand(task, task.seq .. id)
    appendToOrder(seq, id)
    if task.dedupeKey ~= "" and isLive(task.status) then markLive(task) end
  end
  answers[#answers + 1] = isNew and 1 or 0
  seq = seq + 1
end
flush()
return { nowText, answers }
