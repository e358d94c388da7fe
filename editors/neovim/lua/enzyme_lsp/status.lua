-- How the server and its compiler are, as `enzyme/status` says, for status lines.
local M = {}

local told = {} -- by the number of the client

-- The handler of the message.
function M.received(_, status, context)
  told[context.client_id] = status
  vim.cmd('redrawstatus!')
  vim.api.nvim_exec_autocmds('User', { pattern = 'EnzymeLspStatus', modeline = false })
end

function M.ended(id)
  told[id] = nil
  vim.cmd('redrawstatus!')
end

-- All that is known for a buffer: the fields of the message; nil before the first.
function M.of(buffer)
  local client = require('enzyme_lsp.client').of(buffer or 0)
  return client and told[client.id]
end

function M.text(buffer)
  local client = require('enzyme_lsp.client').of(buffer or 0)
  if not client then
    return ''
  end
  local status = told[client.id]
  if not status then
    return 'enzyme-lsp'
  end
  local name = status.engine ~= '' and (status.engine .. ' ' .. status.version) or 'enzyme-lsp'
  if status.health ~= 'ok' then
    return ('%s %s: %s'):format(name, status.health, status.message)
  end
  return status.quiescent and name or name .. ' ...'
end

return M
