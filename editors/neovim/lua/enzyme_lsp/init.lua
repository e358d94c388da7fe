-- What a user's configuration calls: `setup` and `status`.
local M = {}

-- Start the server for every MLIR file from now on. `:help enzyme-lsp-setup` lists what can be given.
function M.setup(given)
  require('enzyme_lsp.config').set(given or {})
  require('enzyme_lsp.start').enable()
end

-- One short text for a status line; empty in buffers that the server does not look at.
function M.status(buffer)
  return require('enzyme_lsp.status').text(buffer)
end

return M
