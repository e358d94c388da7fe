-- Windows that show what a document becomes: read-only, made anew when the source is saved, with the cursor in step.
local clients = require('enzyme_lsp.client')

local M = {}

local space = vim.api.nvim_create_namespace('enzyme_lsp_lowering')
local group = vim.api.nvim_create_augroup('enzyme_lsp_lowering', { clear = true })

-- What each view shows, by its buffer: the source, the fields of the wish, the stage, and the lines of the source.
local views = {}

-- The stage that a view shows: one of a number (from 1, the input), or the last one.
local function chosen(view, stages)
  return stages[view.stage or #stages]
end

-- A view is valid as long as both its buffers are.
local function alive(buffer)
  local view = views[buffer]
  if view and vim.api.nvim_buf_is_valid(buffer) and vim.api.nvim_buf_is_valid(view.source) then
    return view
  end
  views[buffer] = nil
end

local function window_of(buffer)
  local found = vim.fn.win_findbuf(buffer)
  local tab = vim.api.nvim_get_current_tabpage()
  for _, window in ipairs(found) do
    if vim.api.nvim_win_get_tabpage(window) == tab then
      return window
    end
  end
end

local function write(buffer, lines)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

-- Say why a view is old, behind its first line: a line of its own could not be told from the text.
local function remark(buffer, text)
  vim.b[buffer].enzyme_lsp_stale = text ~= '' and text or nil
  vim.api.nvim_buf_clear_namespace(buffer, space, 0, -1)
  if text ~= '' then
    vim.api.nvim_buf_set_extmark(buffer, space, 0, 0, { virt_text = { { '  ' .. text, 'WarningMsg' } } })
  end
end

local function reason(result)
  local words = (result.detail ~= '' and result.detail or result.outcome):gsub('%s+', ' ')
  return result.failed ~= '' and ('%s failed: %s'):format(result.failed, words) or words
end

-- Put what came into a view. While the source is broken it keeps the last text, and says so.
local function show(buffer, result)
  local view = alive(buffer)
  if not view then
    return
  end
  local stage = chosen(view, result.stages)
  local complete = result.outcome == 'accepted' or view.stage
  if not (complete and stage) then
    remark(buffer, (view.lines and 'from before the last change: ' or 'not lowered: ') .. reason(result))
    return
  end
  remark(buffer, '')
  view.lines = stage.lines
  write(buffer, vim.split((stage.text:gsub('\n$', '')), '\n', { plain = true }))
  vim.api.nvim_exec_autocmds('User', { pattern = 'EnzymeLspLowered', modeline = false })
end

function M.refresh(buffer)
  local view = alive(buffer)
  local client = view and clients.of(view.source)
  if not client then
    return
  end
  local params = vim.tbl_extend('force', view.wish, {
    textDocument = clients.document(view.source),
    stages = view.stage and 'all' or 'last',
  })
  view.asked = (view.asked or 0) + 1
  local asked = view.asked
  clients.ask(client, view.source, 'enzyme/lower', params, function(result)
    if view.asked == asked then -- a later question has made this answer old
      show(buffer, result)
    end
  end)
end

-- The rows of a view (from 0) that came from a line of its source.
local function rows(view, line)
  local found = {}
  for row, from in ipairs(view.lines or {}) do
    if from == line then
      found[#found + 1] = row - 1
    end
  end
  return found
end

local marks = vim.api.nvim_create_namespace('enzyme_lsp_lines')

local function mark(buffer, lines)
  vim.api.nvim_buf_clear_namespace(buffer, marks, 0, -1)
  for _, line in ipairs(lines) do
    if line < vim.api.nvim_buf_line_count(buffer) then
      local place = { end_row = line + 1, hl_group = 'EnzymeLspLine', hl_eol = true, strict = false }
      vim.api.nvim_buf_set_extmark(buffer, marks, line, 0, place)
    end
  end
end

local function lead(buffer, line)
  local window = window_of(buffer)
  if window and line < vim.api.nvim_buf_line_count(buffer) then
    vim.api.nvim_win_set_cursor(window, { line + 1, 0 })
  end
end

-- The cursor has moved in a source: mark what became of its line, and show it.
local function from_source(source)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for buffer in pairs(views) do
    local view = alive(buffer)
    if view and view.source == source then
      local found = rows(view, line)
      mark(buffer, found)
      if found[1] then
        lead(buffer, found[1])
      end
    end
  end
end

-- The line of the source (from 0) that a row of a view came from; nil where there is none.
local function origin(view, row)
  local line = view.lines and view.lines[row + 1]
  return line and line >= 0 and line or nil
end

-- The cursor has moved in a view: mark the line that the row came from, and show it.
local function from_view(buffer)
  local view = alive(buffer)
  if not view then
    return
  end
  local line = origin(view, vim.api.nvim_win_get_cursor(0)[1] - 1)
  mark(view.source, { line })
  if line then
    lead(view.source, line)
  end
end

-- Go to what the row under the cursor came from.
local function jump(buffer)
  local view = alive(buffer)
  local line = view and origin(view, vim.api.nvim_win_get_cursor(0)[1] - 1)
  if not line then
    clients.say('this line has no line of the source')
    return
  end
  local window = window_of(view.source)
  if window then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd('sbuffer ' .. view.source)
  end
  vim.api.nvim_win_set_cursor(0, { line + 1, 0 })
  vim.cmd('normal! ^')
end

local function follow(buffer, source)
  vim.api.nvim_clear_autocmds({ group = group, buffer = source })
  vim.api.nvim_create_autocmd('CursorMoved', {
    group = group,
    buffer = source,
    callback = function()
      from_source(source)
    end,
  })
  vim.api.nvim_create_autocmd('BufWritePost', {
    group = group,
    buffer = source,
    callback = function()
      for one, view in pairs(views) do
        if view.source == source then
          M.refresh(one)
        end
      end
    end,
  })
  vim.api.nvim_create_autocmd('CursorMoved', {
    group = group,
    buffer = buffer,
    callback = function()
      from_view(buffer)
    end,
  })
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = group,
    buffer = buffer,
    callback = function()
      views[buffer] = nil
      if vim.api.nvim_buf_is_valid(source) then
        mark(source, {})
      end
    end,
  })
end

-- Make the buffer of a view, in the current window.
local function fill(source, wish, title, stage)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_win_set_buf(0, buffer)
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(source), ':t')
  vim.api.nvim_buf_set_name(buffer, ('enzyme-lowered://%d/%s %s'):format(buffer, name, title))
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].swapfile = false
  vim.bo[buffer].filetype = 'mlir'
  vim.bo[buffer].modifiable = false
  vim.b[buffer].enzyme_lsp_source = source
  views[buffer] = { source = source, wish = wish, stage = stage }
  for _, key in ipairs({ '<CR>', 'gd' }) do
    vim.api.nvim_buf_set_keymap(buffer, 'n', key, '', {
      noremap = true,
      callback = function()
        jump(buffer)
      end,
    })
  end
  follow(buffer, source)
  return buffer
end

-- Show what `source` becomes in a split; the cursor stays where it is. `stage` counts from 1, the input.
function M.open(source, wish, title, stage)
  source = source == 0 and vim.api.nvim_get_current_buf() or source
  if not clients.wanted(source) then
    return
  end
  local window = vim.api.nvim_get_current_win()
  vim.cmd('vertical botright split')
  local buffer = fill(source, wish, title, stage)
  vim.api.nvim_set_current_win(window)
  M.refresh(buffer)
  return buffer
end

-- Show two stages of a lowering beside each other, in a tab page of their own, with their differences.
function M.compare(source, wish, from, to)
  if not clients.wanted(source) then
    return
  end
  vim.cmd('tabnew')
  local empty = vim.api.nvim_get_current_buf()
  local left = fill(source, wish, ('stage %d'):format(from), from)
  local first = vim.api.nvim_get_current_win()
  vim.cmd('vertical rightbelow split')
  local right = fill(source, wish, ('stage %d'):format(to), to)
  for _, window in ipairs({ first, vim.api.nvim_get_current_win() }) do
    vim.api.nvim_set_current_win(window)
    vim.cmd('diffthis')
  end
  if vim.api.nvim_buf_is_valid(empty) and vim.api.nvim_buf_get_name(empty) == '' then
    vim.api.nvim_buf_delete(empty, {})
  end
  M.refresh(left)
  M.refresh(right)
  return left, right
end

return M
