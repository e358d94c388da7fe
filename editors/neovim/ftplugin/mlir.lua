-- How MLIR is written.
if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

local undo = {
  'commentstring<', 'comments<', 'formatoptions<', 'shiftwidth<', 'softtabstop<', 'expandtab<', 'iskeyword<', 'suffixesadd<',
}

vim.opt_local.commentstring = '// %s'
vim.opt_local.comments = '://'
vim.opt_local.formatoptions:remove('t')
vim.opt_local.formatoptions:append('croql')
vim.opt_local.shiftwidth = 2
vim.opt_local.softtabstop = 2
vim.opt_local.expandtab = true
vim.opt_local.suffixesadd = '.mlir'
-- `w` and `*` take a name with the mark that says what it is the name of.
vim.opt_local.iskeyword = '@,48-57,_,$,.,%,#,!,64,94'

vim.b.undo_ftplugin = 'setlocal ' .. table.concat(undo, ' ')
