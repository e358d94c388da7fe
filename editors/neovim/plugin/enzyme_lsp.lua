-- The commands. Nothing else is loaded before one of them is used, and no server is started here.
if vim.g.loaded_enzyme_lsp then
  return
end
vim.g.loaded_enzyme_lsp = true

vim.api.nvim_set_hl(0, 'EnzymeLspLine', { default = true, link = 'Visual' })

-- Files with bytecode are read and written as text, by the server.
vim.api.nvim_create_augroup('enzyme_lsp_bytecode', { clear = true })
vim.api.nvim_create_autocmd('BufReadCmd', {
  group = 'enzyme_lsp_bytecode',
  nested = true, -- what waits for a file type, or for a file that is written, hears of it
  pattern = '*.mlirbc',
  callback = function(event)
    require('enzyme_lsp.bytecode').read(event.buf, event.match)
  end,
})
vim.api.nvim_create_autocmd('BufWriteCmd', {
  group = 'enzyme_lsp_bytecode',
  nested = true,
  pattern = '*.mlirbc',
  callback = function(event)
    require('enzyme_lsp.bytecode').write(event.buf, event.match)
  end,
})
vim.api.nvim_create_autocmd({ 'FileWriteCmd', 'FileAppendCmd' }, {
  group = 'enzyme_lsp_bytecode',
  pattern = '*.mlirbc',
  callback = function(event)
    require('enzyme_lsp.bytecode').refuse_part(event.match)
  end,
})

local function starts_with(words)
  return function(typed)
    return vim.tbl_filter(function(word)
      return vim.startswith(word, typed)
    end, words)
  end
end

-- The source, the fields and a name for what the words of a command ask for; with a bang, of the function alone.
local function wanted(command, done)
  local clients, wish = require('enzyme_lsp.client'), require('enzyme_lsp.wish')
  local source = clients.buffer()
  local client = clients.wanted(source)
  if not client then
    return
  end
  local fields = wish.read(client, source, vim.trim(command.args))
  local title = vim.trim(command.args) ~= '' and vim.trim(command.args) or 'lowered'
  if command.bang then
    local around = wish.function_at(client, source, clients.line(source))
    if not around then
      clients.say('the cursor is in no function')
      return
    end
    fields.symbol = around.name:gsub('^@', '')
    title = title .. ' @' .. fields.symbol
  end
  done(source, fields, title)
end

local function complete_lowering(_, line)
  -- The whole of what is typed behind the command, since `run 2` is two words.
  local typed = line:match('^%s*%S+%s+(.*)$') or ''
  local last = typed:match('^.*%s') or ''
  return vim.tbl_map(function(words)
    return words:sub(#last + 1)
  end, require('enzyme_lsp.wish').complete(typed))
end

local lowering = { nargs = '*', bang = true, complete = complete_lowering }

vim.api.nvim_create_user_command('EnzymeLower', function(command)
  wanted(command, require('enzyme_lsp.lowering').open)
end, lowering)

vim.api.nvim_create_user_command('EnzymeStages', function(command)
  wanted(command, require('enzyme_lsp.stages').pick)
end, lowering)

vim.api.nvim_create_user_command('EnzymeStageDiff', function(command)
  wanted(command, require('enzyme_lsp.stages').compare)
end, lowering)

vim.api.nvim_create_user_command('EnzymeDifferentiate', function(command)
  require('enzyme_lsp.actions').differentiate(vim.trim(command.args))
end, {
  nargs = '?',
  complete = function(typed)
    return starts_with(require('enzyme_lsp.actions').VARIANTS)(typed)
  end,
})

vim.api.nvim_create_user_command('EnzymeGradcheck', function(command)
  require('enzyme_lsp.gradcheck').run(command.bang)
end, { bang = true })

vim.api.nvim_create_user_command('EnzymeCopy', function(command)
  require('enzyme_lsp.actions').copy_here(command.args)
end, { nargs = 1, complete = starts_with({ 'python', 'rust' }) })

vim.api.nvim_create_user_command('EnzymeDoctor', function()
  require('enzyme_lsp.doctor').run()
end, {})

vim.api.nvim_create_user_command('EnzymeRestart', function()
  require('enzyme_lsp.start').restart()
end, {})
