-- Files with bytecode as buffers with text: the server makes one of the other. What is no bytecode is not written, and
-- the file is replaced as a whole.
local clients = require('enzyme_lsp.client')
local replace = require('enzyme_lsp.replace')

local M = {}

local uv = vim.loop
local WAIT_MS = 60000 -- a server that starts its compiler, and a large file
local START_MS = 20000
local MAGIC = 'ML\239R'

-- The text of which a file was read or written last, as far as the system tells: nil when there is none.
local function state(path)
  local found = uv.fs_stat(path)
  return found and ('%d.%09d %d'):format(found.mtime.sec, found.mtime.nsec, found.size)
end

-- Why something was not done with a file, in a sentence. The server says so itself, with the name of the file.
local function sentence(path, what)
  return ('%s %s'):format(vim.fn.fnamemodify(path, ':t'), what)
end

-- The client of a buffer, which may still be on its way; nil with a reason when none comes.
local function answering(buffer)
  if not clients.of(buffer) and require('enzyme_lsp.start').is_enabled() then
    vim.wait(START_MS, function()
      return clients.of(buffer) ~= nil
    end, 20)
  end
  local client = clients.of(buffer)
  return client, not client and 'bytecode is read and written by the server, which is not running (:help enzyme-lsp-start)' or nil
end

-- The text behind a file, in lines; nil with a reason.
local function text_of(buffer, path)
  if uv.fs_stat(path).size == 0 then
    return { '' }
  end
  local client, missing = answering(buffer)
  if not client then
    return nil, missing
  end
  local params = { uri = vim.uri_from_fname(path) }
  local answer, problem = clients.ask_now(client, buffer, 'mlir/convertFromBytecode', params, WAIT_MS)
  if not answer then
    return nil, problem
  end
  return vim.split(answer.output:gsub('\n$', ''), '\n', { plain = true })
end

local function fill(buffer, lines)
  local levels = vim.bo[buffer].undolevels
  -- What was read is where undoing ends.
  vim.bo[buffer].undolevels = -1
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].undolevels = levels
  vim.bo[buffer].modified = false
end

-- When the file has become another one, read it again; one that was changed here too is only told of.
local function follow(buffer, path)
  vim.api.nvim_create_augroup('enzyme_lsp_bytecode_' .. buffer, { clear = true })
  vim.api.nvim_create_autocmd({ 'FocusGained', 'BufEnter', 'CursorHold' }, {
    group = 'enzyme_lsp_bytecode_' .. buffer,
    buffer = buffer,
    callback = function()
      local now = state(path)
      if not now or now == vim.b[buffer].enzyme_lsp_bytecode then
        return
      elseif vim.bo[buffer].modified then
        if vim.b[buffer].enzyme_lsp_bytecode_told ~= now then
          vim.b[buffer].enzyme_lsp_bytecode_told = now
          clients.complain(sentence(path, 'and the buffer have both changed: :edit! reads the file'))
        end
      elseif vim.o.autoread then
        M.read(buffer, path)
      end
    end,
  })
end

-- For `BufReadCmd`.
function M.read(buffer, path)
  local is_there = uv.fs_stat(path) ~= nil
  -- The server must be there before the text is.
  if vim.bo[buffer].filetype ~= 'mlir' then
    vim.bo[buffer].filetype = 'mlir'
  end
  local lines, problem = { '' }, nil
  if is_there then
    lines, problem = text_of(buffer, path)
  end
  vim.b[buffer].enzyme_lsp_bytecode = state(path)
  vim.b[buffer].enzyme_lsp_unread = problem
  fill(buffer, lines or { '' })
  vim.bo[buffer].readonly = problem ~= nil or (is_there and vim.fn.filewritable(path) == 0)
  follow(buffer, path)
  if problem then
    clients.fail(problem)
    return
  end
  vim.api.nvim_exec_autocmds(is_there and 'BufReadPost' or 'BufNewFile', { buffer = buffer, modeline = false })
end

-- The bytecode of a buffer; nil with a reason.
local function bytes_of(buffer)
  local client, missing = answering(buffer)
  if not client then
    return nil, missing
  end
  local answer, problem = clients.ask_now(client, buffer, 'mlir/convertToBytecode', clients.document(buffer), WAIT_MS)
  if not answer then
    return nil, problem
  end
  local bytes = replace.decoded(answer.output)
  if bytes:sub(1, #MAGIC) ~= MAGIC then
    return nil, 'the server answered with something else than bytecode, so that nothing was written'
  end
  return bytes
end

-- Why a buffer must not be written into a file; nil when it may. Neovim itself asks for ! where another file is there.
local function objection(buffer, path)
  local is_own = path == vim.api.nvim_buf_get_name(buffer)
  if is_own and vim.b[buffer].enzyme_lsp_unread then
    return sentence(path, 'was not written: its text could not be read before')
  elseif is_own and vim.v.cmdbang == 0 and state(path) ~= vim.b[buffer].enzyme_lsp_bytecode then
    return sentence(path, 'has changed since it was read (add ! to override)')
  end
end

-- For `BufWriteCmd`: a text that is no module is refused, and the file stays.
function M.write(buffer, path)
  local is_own = path == vim.api.nvim_buf_get_name(buffer)
  local bytes, problem = nil, objection(buffer, path)
  if not problem then
    vim.api.nvim_exec_autocmds('BufWritePre', { buffer = buffer, modeline = false })
    bytes, problem = bytes_of(buffer)
  end
  if bytes then
    local failed = replace.file(path, bytes)
    problem = failed and sentence(path, 'was not written: ' .. failed)
  end
  if problem then
    clients.fail(problem)
    return
  end
  if is_own then
    vim.b[buffer].enzyme_lsp_bytecode = state(path)
    vim.bo[buffer].modified = false
    vim.api.nvim_exec_autocmds('BufWritePost', { buffer = buffer, modeline = false })
  end
  clients.say(sentence(path, ('has %d bytes of bytecode'):format(#bytes)))
end

-- For `FileWriteCmd` and `FileAppendCmd`, which are for a part of a buffer.
function M.refuse_part(path)
  clients.fail(sentence(path, 'was not written: a part of a text is no bytecode'))
end

return M
