-- The client of a buffer and questions to it, in every version of Neovim from 0.7.2 on.
local config = require('enzyme_lsp.config')

local M = {}

local HAS_METHODS = vim.fn.has('nvim-0.11') == 1
local WAIT_MS = 2000

-- All clients of ours, or those of one buffer.
function M.all(buffer)
  local found
  if vim.lsp.get_clients then
    found = vim.lsp.get_clients({ bufnr = buffer })
  else
    found = buffer and vim.tbl_values(vim.lsp.buf_get_clients(buffer)) or vim.lsp.get_active_clients()
  end
  return vim.tbl_filter(function(client)
    return client.name == config.NAME
  end, found)
end

-- The client of a buffer; nil when there is none.
function M.of(buffer)
  return M.all(buffer == 0 and vim.api.nvim_get_current_buf() or buffer)[1]
end

-- The same, told to the user when it is missing.
function M.wanted(buffer)
  local client = M.of(buffer)
  if not client then
    M.complain('the server is not running for this buffer')
  end
  return client
end

-- Ask; `answered` is called with what came. An error is shown.
function M.ask(client, buffer, method, params, answered)
  local function handler(problem, result)
    if problem then
      M.complain(problem.message or tostring(problem))
    else
      answered(result)
    end
  end
  if HAS_METHODS then
    client:request(method, params, handler, buffer)
  else
    client.request(method, params, handler, buffer)
  end
end

-- Ask and wait for the answer; nil when none came in time, and for an error, both with a reason.
function M.ask_now(client, buffer, method, params, wait_ms)
  local answer, late
  if HAS_METHODS then
    answer, late = client:request_sync(method, params, wait_ms or WAIT_MS, buffer)
  else
    answer, late = client.request_sync(method, params, wait_ms or WAIT_MS, buffer)
  end
  if not answer then
    return nil, ('the server gave no answer (%s)'):format(late or 'it has ended')
  end
  local problem = answer.err or answer.error
  return answer.result, problem and (problem.message or tostring(problem))
end

-- What most messages name a document by.
function M.document(buffer)
  return { uri = vim.uri_from_bufnr(buffer) }
end

-- The place of the cursor, in the encoding of the client.
function M.place(client)
  return vim.lsp.util.make_position_params(0, client.offset_encoding)
end

function M.stop(client, is_forced)
  if HAS_METHODS then
    client:stop(is_forced)
  else
    client.stop(is_forced)
  end
end

function M.say(message)
  vim.notify('enzyme-lsp: ' .. message, vim.log.levels.INFO)
end

function M.complain(message)
  vim.notify('enzyme-lsp: ' .. message, vim.log.levels.WARN)
end

function M.fail(message)
  vim.notify('enzyme-lsp: ' .. message, vim.log.levels.ERROR)
end

-- The buffer that a command is about: the source, in a window that shows what becomes of it.
function M.buffer()
  return vim.b.enzyme_lsp_source or vim.api.nvim_get_current_buf()
end

-- The line of the cursor (from 0) in the window of a buffer, the current one first.
function M.line(buffer)
  local window = vim.api.nvim_get_current_buf() == buffer and 0 or vim.fn.bufwinid(buffer)
  return window == -1 and 0 or vim.api.nvim_win_get_cursor(window)[1] - 1
end

return M
