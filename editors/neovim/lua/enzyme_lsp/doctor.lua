-- Shows what `enzyme-lsp doctor` says, with what this plugin knows.
local clients = require('enzyme_lsp.client')
local config = require('enzyme_lsp.config')

local M = {}

-- The command line of the server, that of the running one first, as one of `enzyme-lsp doctor`.
local function command()
  local client = clients.of(0) or clients.all()[1]
  local cmd = client and client.config.cmd or config.options().cmd
  local words = type(cmd) == 'table' and vim.deepcopy(cmd) or vim.deepcopy(config.options().cmd)
  if words[#words] == 'serve' then
    words[#words] = nil
  end
  words[#words + 1] = 'doctor'
  return words
end

local function head(words)
  local version = vim.version()
  local running = vim.tbl_map(function(client)
    return ('client %d in %s'):format(client.id, client.config.root_dir or '?')
  end, clients.all())
  return {
    ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch),
    'running: ' .. (running[1] and table.concat(running, ', ') or 'nothing'),
    'log: ' .. vim.lsp.get_log_path(),
    '$ ' .. table.concat(words, ' '),
  }
end

function M.run()
  local words = command()
  local lines = head(words)
  vim.cmd('botright new')
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)

  local function append(_, data)
    if not vim.api.nvim_buf_is_valid(buffer) then
      return
    end
    for _, line in ipairs(data) do
      if line ~= '' then
        vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { line })
      end
    end
  end
  local options = { stdout_buffered = true, stderr_buffered = true, on_stdout = append, on_stderr = append }
  function options.on_exit(_, code)
    append(nil, { ('(exit code %d)'):format(code) })
  end
  local started = pcall(vim.fn.jobstart, words, options)
  if not started then
    append(nil, { words[1] .. ' cannot be run: install it, or name it in the option cmd (:help enzyme-lsp-setup)' })
  end
end

return M
