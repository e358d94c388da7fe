-- Code actions by their kind, and what lenses and copying do.
local clients = require('enzyme_lsp.client')
local wish = require('enzyme_lsp.wish')

local M = {}

local REWRITE = 'refactor.rewrite.enzyme.'

-- What can be written behind a function: the ends of the kinds of the actions. `:help :EnzymeDifferentiate`.
M.VARIANTS = {
  'reverse',
  'reverse.primal',
  'reverse.seeds',
  'forward',
  'forward.directions',
  'jacobian',
  'jacobian.operation',
  'hvp',
  'batch',
}

local function kinds(variants)
  return vim.tbl_map(function(variant)
    return REWRITE .. variant
  end, variants)
end

-- Do what an action says. Its edit is that of the text that it was asked for: the server refuses any other.
local function apply(client, buffer, action)
  local function run(whole)
    if whole.edit then
      vim.lsp.util.apply_workspace_edit(whole.edit, client.offset_encoding)
    end
    local command = type(whole.command) == 'table' and whole.command or nil
    local known = command and client.config.commands[command.command]
    if known then
      known(command, { bufnr = buffer, client_id = client.id })
    end
    vim.api.nvim_exec_autocmds('User', { pattern = 'EnzymeLspApplied', modeline = false })
  end
  if action.edit or type(action.command) == 'table' then
    run(action)
  else
    clients.ask(client, buffer, 'codeAction/resolve', action, run)
  end
end

local function shown(action)
  local disabled = action.disabled
  return disabled and ('%s (not here: %s)'):format(action.title, disabled.reason) or action.title
end

-- Offer the actions of some kinds at a place. With `exact`, the one of that very kind is done at once.
local function offer(client, buffer, position, only, exact)
  local params = {
    textDocument = clients.document(buffer),
    range = { start = position, ['end'] = position },
    context = { diagnostics = {}, only = only, triggerKind = 1 },
  }
  local function take(action)
    if not action then
      return
    elseif action.disabled then
      clients.complain(action.disabled.reason)
    else
      apply(client, buffer, action)
    end
  end
  clients.ask(client, buffer, 'textDocument/codeAction', params, function(found)
    local actions = found or {}
    if exact then
      actions = vim.tbl_filter(function(action)
        return action.kind == exact
      end, actions)
    end
    if not actions[1] then
      clients.say('there is nothing of that kind here')
    elseif exact and not actions[2] then
      take(actions[1])
    else
      vim.ui.select(actions, { prompt = 'Derivative:', format_item = shown, kind = 'codeaction' }, take)
    end
  end)
end

-- Write a derivative of the function around the cursor: of the given sort, or of one that the user chooses.
function M.differentiate(variant)
  local buffer = clients.buffer()
  local client = clients.wanted(buffer)
  if not client then
    return
  end
  if variant ~= '' and not vim.tbl_contains(M.VARIANTS, variant) then
    clients.complain(('%s is none of: %s'):format(variant, table.concat(M.VARIANTS, ', ')))
    return
  end
  local around = wish.function_at(client, buffer, clients.line(buffer))
  if not around then
    clients.say('the cursor is in no function')
    return
  end
  -- The actions are offered at the header of a function.
  local only = kinds(variant == '' and M.VARIANTS or { variant })
  offer(client, buffer, around.selectionRange.start, only, variant ~= '' and REWRITE .. variant or nil)
end

-- The lens `Differentiate`.
function M.show(params)
  local buffer = vim.uri_to_bufnr(params.uri)
  local client = clients.wanted(buffer)
  if client then
    offer(client, buffer, params.position, params.only)
  end
end

-- The lens `2 derivatives`: one place is gone to, several are a list.
function M.show_references(params)
  local client = clients.wanted(vim.uri_to_bufnr(params.uri))
  if not client then
    return
  end
  local places = vim.tbl_map(function(range)
    return { uri = params.uri, range = range }
  end, params.ranges)
  if #places == 1 then
    if vim.lsp.util.show_document then
      vim.lsp.util.show_document(places[1], client.offset_encoding, { focus = true })
    else
      vim.lsp.util.jump_to_location(places[1], client.offset_encoding)
    end
    return
  end
  local items = vim.lsp.util.locations_to_items(places, client.offset_encoding)
  vim.fn.setqflist({}, ' ', { title = 'Derivatives', items = items })
  vim.cmd('botright copen')
end

-- Put the code that builds a differentiation op where it can be pasted from.
function M.copy(buffer, params)
  local client = clients.wanted(buffer)
  if not client then
    return
  end
  local request = { command = 'enzyme-lsp.builderCode', arguments = { params } }
  clients.ask(client, buffer, 'workspace/executeCommand', request, function(text)
    vim.fn.setreg('"', text)
    if vim.fn.has('clipboard') == 1 then
      vim.fn.setreg('+', text)
    end
    clients.say(('%d lines of %s can be pasted'):format(#vim.split(text, '\n', { plain = true }), params.language))
  end)
end

-- The same for the op at the cursor.
function M.copy_here(language)
  local buffer = vim.api.nvim_get_current_buf()
  local client = clients.wanted(buffer)
  if client then
    local place = clients.place(client)
    M.copy(buffer, { uri = place.textDocument.uri, position = place.position, language = language })
  end
end

return M
