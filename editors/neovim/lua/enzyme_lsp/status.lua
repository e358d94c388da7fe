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

-- All that is known for a buffer: the fields of the message; nil before the first. Where documents have several
-- compilers, those about it are of the one that judges the buffer.
function M.of(buffer)
  local client = require('enzyme_lsp.client').of(buffer or 0)
  local status = client and told[client.id]
  local uri = status and vim.uri_from_bufnr(buffer or 0)
  for _, engine in ipairs(status and status.engines or {}) do
    if vim.tbl_contains(engine.documents, uri) then
      return vim.tbl_extend('force', status, engine)
    end
  end
  return status
end

function M.text(buffer)
  local client = require('enzyme_lsp.client').of(buffer or 0)
  if not client then
    return ''
  end
  local status = M.of(buffer)
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
