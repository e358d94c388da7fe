-- Indentation by brackets, for lines that are typed; the server's formatting says the same of whole files.
if vim.b.did_indent then
  return
end
vim.b.did_indent = 1

vim.bo.autoindent = true
vim.bo.indentexpr = "v:lua.require'enzyme_lsp.indent'.of(v:lnum)"
vim.bo.indentkeys = '0},0),0],0^,!^F,o,O'
vim.b.undo_indent = 'setlocal autoindent< indentexpr< indentkeys<'
