-- What the server is started with, and what the client answers to messages that are ours.
local M = {}

M.NAME = 'enzyme_lsp'

-- `setup` changes these; `:help enzyme-lsp-setup` explains them.
local options = {
  cmd = { 'enzyme-lsp' },
  root_markers = { 'enzyme-lsp.toml', '.git' },
  settings = {},
  trusted = false,
  lenses = false,
  hints = false,
}

function M.set(given)
  for name, value in pairs(given) do
    if options[name] == nil then
      error(('enzyme_lsp: there is no option %s'):format(name), 0)
    end
    options[name] = value
  end
end

function M.options()
  return options
end

-- These the server runs itself; this client is there for what it does with the answer.
local SERVERS_OWN = { ['enzyme-lsp.builderCode'] = true, ['enzyme-lsp.gradcheck'] = true }

-- The commands that the server may put into lenses and actions, and who runs them.
local function commands()
  local actions = require('enzyme_lsp.actions')
  return {
    ['enzyme-lsp.showReferences'] = function(command)
      actions.show_references(command.arguments[1])
    end,
    ['enzyme-lsp.showActions'] = function(command)
      actions.show(command.arguments[1])
    end,
    ['enzyme-lsp.showLowering'] = function(command)
      local shown = command.arguments[1]
      local buffer = vim.uri_to_bufnr(shown.uri)
      require('enzyme_lsp.lowering').open(buffer, { symbol = shown.symbol }, '@' .. shown.symbol)
    end,
    ['enzyme-lsp.gradcheck'] = function(command)
      require('enzyme_lsp.gradcheck').check(command.arguments[1])
    end,
    ['enzyme-lsp.builderCode'] = function(command, context)
      actions.copy(context and context.bufnr or 0, command.arguments[1])
    end,
  }
end

-- What Neovim can, and what this plugin adds to it.
local function capabilities(run)
  local found = vim.lsp.protocol.make_client_capabilities()
  found.experimental = {
    enzymeStatus = true,
    enzymeClipboard = true,
    enzymeTrusted = options.trusted == true,
    commands = {
      commands = vim.tbl_filter(function(name)
        return not SERVERS_OWN[name]
      end, vim.tbl_keys(run)),
    },
  }
  return found
end

-- The client, as `vim.lsp.config` and `vim.lsp.start` take it.
function M.client()
  local run = commands()
  -- An empty table would be sent as a list.
  local settings = next(options.settings) and options.settings or vim.empty_dict()
  return {
    name = M.NAME,
    cmd = options.cmd,
    filetypes = { 'mlir' },
    root_markers = options.root_markers,
    init_options = settings,
    settings = { ['enzyme-lsp'] = settings },
    capabilities = capabilities(run),
    commands = run,
    handlers = { ['enzyme/status'] = require('enzyme_lsp.status').received },
    on_attach = require('enzyme_lsp.start').attached,
    on_exit = vim.schedule_wrap(function(_, _, id)
      require('enzyme_lsp.status').ended(id)
    end),
  }
end

return M
