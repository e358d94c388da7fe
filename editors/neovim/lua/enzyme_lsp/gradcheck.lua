-- Checks gradients against differences, which runs the code of the file, and shows what came of it in a split.
local clients = require('enzyme_lsp.client')

local M = {}

local HEAD = { 'varied', 'of', 'derivative', 'differences', 'may be off by', 'error', '' }

local function columns(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      widths[column] = math.max(widths[column] or 0, vim.fn.strdisplaywidth(cell))
    end
  end
  return vim.tbl_map(function(row)
    local cells = {}
    for column, cell in ipairs(row) do
      cells[column] = cell .. (' '):rep(widths[column] - vim.fn.strdisplaywidth(cell))
    end
    return ('  ' .. table.concat(cells, '  ')):gsub('%s+$', '')
  end, rows)
end

-- A derivative, with its place in a form that |gF| follows.
local function lines_of(path, entry)
  local of = entry['function'] ~= '' and ' of @' .. entry['function'] or ''
  local mode = entry.mode ~= '' and (' (%s)'):format(entry.mode) or ''
  local reason = entry.reason ~= '' and ': ' .. entry.reason or ''
  local lines = {
    '',
    ('%s  %s%s%s%s'):format(entry.verdict:upper(), entry.operation, of, mode, reason),
    ('  %s:%d'):format(path, entry.line + 1),
  }
  if entry.at[1] then
    lines[#lines + 1] = '  at ' .. table.concat(entry.at, ', ')
  end
  if entry.comparisons[1] then
    local rows = { HEAD }
    for _, one in ipairs(entry.comparisons) do
      rows[#rows + 1] = { one.argument, one.output, one.derivative, one.differences, one.uncertainty, one.error, one.verdict }
    end
    lines[#lines + 1] = ''
    vim.list_extend(lines, columns(rows))
  end
  return lines
end

local function show(path, result)
  local lines = { result.summary }
  for _, entry in ipairs(result.derivatives) do
    vim.list_extend(lines, lines_of(path, entry))
  end
  local window = vim.api.nvim_get_current_win()
  vim.cmd('botright new')
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.api.nvim_set_current_win(window)
  vim.api.nvim_exec_autocmds('User', { pattern = 'EnzymeLspChecked', modeline = false })
end

-- What a lens asks for.
function M.check(params)
  local buffer = vim.uri_to_bufnr(params.textDocument.uri)
  local client = clients.wanted(buffer)
  if not client then
    return
  end
  if not require('enzyme_lsp.config').options().trusted then
    clients.complain('a check runs the code of the file, which needs the option trusted (:help enzyme-lsp-setup)')
    return
  end
  clients.ask(client, buffer, 'enzyme/gradcheck', params, function(result)
    show(vim.uri_to_fname(params.textDocument.uri), result)
  end)
end

-- The operation at the cursor, or each of the file.
function M.run(is_whole)
  local buffer = clients.buffer()
  local client = clients.wanted(buffer)
  if client then
    local document = clients.document(buffer)
    M.check(is_whole and { textDocument = document } or { textDocument = document, position = clients.place(client).position })
  end
end

return M
