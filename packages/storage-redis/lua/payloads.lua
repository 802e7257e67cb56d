-- Payloads that stand apart from their rows.

-- The payload that says so in a row.
local APART = "\1"
-- A longer text, in bytes, has its payload apart; and one that ends as with the mark.
local MOST_INLINE = 1024
-- How many fields of a definition are before its payload.
local DEFINITION_FIELDS = 12

-- Of a text that ends with a payload, after so many other fields: what is to be in the row, and the payload where it is to
-- stand apart.
local function part(text, fields)
  if #text <= MOST_INLINE and sub(text, -1) ~= APART then return text end
  local from = 1
  for _ = 1, fields do from = find(text, "\0", from, true) + 1 end
  return sub(text, 1, from - 1) .. APART, sub(text, from)
end

local function isParted(row)
  return sub(row, -2) == "\0" .. APART
end

-- At once, not gathered as rows are: a row that is read again has it.
local function putPayload(id, payload)
  if payload then call("HSET", PAYLOADS, id, payload) end
end

local function dropPayload(id, row)
  if isParted(row) then call("HDEL", PAYLOADS, id) end
end

-- A row with its payload, as it is answered. One whose payload is gone ends before it, and is then no row that can be read.
local function whole(id, row)
  if not isParted(row) then return row end
  local payload = call("HGET", PAYLOADS, id)
  return payload and sub(row, 1, -2) .. payload or sub(row, 1, -3)
end
