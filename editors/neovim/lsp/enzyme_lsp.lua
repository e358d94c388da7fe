-- For `vim.lsp.enable('enzyme_lsp')`, in Neovim 0.11 and newer. `:help enzyme-lsp` says what can be changed.
return require('enzyme_lsp.config').client()
