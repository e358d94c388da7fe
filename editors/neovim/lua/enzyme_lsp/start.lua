-- Starts the server for buffers, by `vim.lsp.config` where Neovim has it and by hand where not.
local M = {}

local group = 'enzyme_lsp_start'
local enabled = false
local END_MS = 5000
local started = {} -- before 0.8: the number of the client, by root

-- The folder that the server takes for the workspace: the nearest above with a marker, else that of the file.
local function root(buffer, markers)
  local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':p:h')
  local best = ''
  for _, marker in ipairs(markers) do
    local path = vim.fn.escape(folder, ' ,;') .. ';'
    local found = vim.fn.finddir(marker, path)
    if found == '' then
      found = vim.fn.findfile(marker, path)
    end
    local parent = found ~= '' and vim.fn.fnamemodify(found, ':p'):gsub('/$', ''):match('^(.*)/') or ''
    best = #parent > #best and parent or best
  end
  return best ~= '' and best or folder
end

local function start(buffer)
  -- Read-only views of ours are MLIR too, but no files.
  if vim.bo[buffer].buftype ~= '' then
    return
  end
  local config = require('enzyme_lsp.config').client()
  config.root_dir = root(buffer, config.root_markers)
  config.root_markers, config.filetypes = nil, nil
  if vim.lsp.start then
    vim.lsp.start(config)
    return
  end
  local id = started[config.root_dir]
  if not (id and vim.lsp.get_client_by_id(id)) then
    id = vim.lsp.start_client(config)
    started[config.root_dir] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

-- For all MLIR files, those that are open already too.
function M.enable()
  enabled = true
  if vim.fn.has('nvim-0.11') == 1 then
    local name = require('enzyme_lsp.config').NAME
    vim.lsp.config(name, require('enzyme_lsp.config').client())
    vim.lsp.enable(name)
    return
  end
  vim.api.nvim_create_augroup(group, { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'mlir',
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'mlir' then
      start(buffer)
    end
  end
end

-- Whether a buffer with MLIR gets a client, by `setup` or by `vim.lsp.enable`; Neovim lists one when it has started.
function M.is_enabled()
  return enabled or (vim.lsp._enabled_configs or {})[require('enzyme_lsp.config').NAME] ~= nil
end

-- What is switched on in a buffer that the server looks at.
function M.attached(_, buffer)
  if vim.bo[buffer].omnifunc == '' then -- newer ones set it themselves
    vim.bo[buffer].omnifunc = 'v:lua.vim.lsp.omnifunc'
  end
  local options = require('enzyme_lsp.config').options()
  if options.hints and vim.lsp.inlay_hint and vim.lsp.inlay_hint.enable then
    -- 0.10 had the buffer first for a while.
    if not pcall(vim.lsp.inlay_hint.enable, true, { bufnr = buffer }) then
      vim.lsp.inlay_hint.enable(buffer, true)
    end
  end
  if options.lenses then
    vim.api.nvim_create_augroup('enzyme_lsp_lenses_' .. buffer, { clear = true })
    vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
      group = 'enzyme_lsp_lenses_' .. buffer,
      buffer = buffer,
      callback = function()
        vim.lsp.codelens.refresh()
      end,
    })
    vim.schedule(vim.lsp.codelens.refresh)
  end
end

-- End the servers and begin anew for all buffers.
function M.restart()
  local clients = require('enzyme_lsp.client')
  -- One that does not end when it is asked to would be taken for the new one.
  for _, way in ipairs({ 'asked', 'forced' }) do
    for _, client in ipairs(clients.all()) do
      clients.stop(client, way == 'forced')
    end
    vim.wait(END_MS, function()
      return #clients.all() == 0
    end, 20)
  end
  M.enable()
end

return M
