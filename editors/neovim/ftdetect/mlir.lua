-- Files of MLIR. Neovim knows the ending since 0.10; before that nobody does.
vim.api.nvim_create_autocmd({ 'BufRead', 'BufNewFile' }, {
  pattern = '*.mlir',
  callback = function()
    vim.bo.filetype = 'mlir'
  end,
})
