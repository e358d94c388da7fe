-- What the user wants to see of a document: the words of a command as fields of `enzyme/lower`, and their completion.
local clients = require('enzyme_lsp.client')

local M = {}

local FUNCTION = 12 -- the protocol's number for a function among symbols

-- The pipelines that the server offers for a buffer.
local function offered(client, buffer)
  local answer = clients.ask_now(client, buffer, 'enzyme/pipelines', { textDocument = clients.document(buffer) })
  return answer and answer.pipelines or {}
end

-- The fields for the words of a command: nothing, the name of a preset, `run` and a number, or passes.
function M.read(client, buffer, words)
  if words == '' then
    return {}
  end
  local number = words:match('^run%s+(%d+)$')
  if number then
    return { runLine = tonumber(number) }
  end
  for _, one in ipairs(offered(client, buffer)) do
    if one.where ~= 'run line' and one.name == words then
      return { preset = words }
    end
  end
  return { pipeline = words }
end

-- For `:command -complete`: what can stand in the place of `typed`.
function M.complete(typed)
  local buffer = clients.buffer()
  local client = clients.of(buffer)
  local found = {}
  for _, one in ipairs(client and offered(client, buffer) or {}) do
    local words = one.where == 'run line' and 'run ' .. one.name or one.name
    if one.reason == '' and vim.startswith(words, typed) then
      found[#found + 1] = words
    end
  end
  return found
end

local function holds(range, line)
  return range.start.line <= line and line <= range['end'].line
end

-- The innermost function around a line, as the server's outline has it; nil outside of all.
function M.function_at(client, buffer, line)
  local found
  local function search(symbols)
    for _, symbol in ipairs(symbols or {}) do
      if holds(symbol.range, line) then
        found = symbol.kind == FUNCTION and symbol or found
        search(symbol.children)
      end
    end
  end
  search(clients.ask_now(client, buffer, 'textDocument/documentSymbol', { textDocument = clients.document(buffer) }))
  return found
end

return M
