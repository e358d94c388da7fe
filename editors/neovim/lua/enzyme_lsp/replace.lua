-- Bytes into a file, as a whole or not at all, and out of base64, which Neovim reads itself since 0.10.
local M = {}

local uv = vim.loop
local ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
local OWN = tonumber('666', 8)

local digits = {}
for at = 1, #ALPHABET do
  digits[ALPHABET:byte(at)] = at - 1
end

local function decoded_by_hand(text)
  local parts, last = {}, #text - #text:match('=*$')
  for at = 1, last, 4 do
    local a, b, c, d = text:byte(at, math.min(at + 3, last))
    local bits = digits[a] * 262144 + digits[b] * 4096 + (c and digits[c] * 64 or 0) + (d and digits[d] or 0)
    local bytes = string.char(math.floor(bits / 65536), math.floor(bits / 256) % 256, bits % 256)
    parts[#parts + 1] = bytes:sub(1, d and 3 or c and 2 or 1)
  end
  return table.concat(parts)
end

function M.decoded(text)
  return vim.base64 and vim.base64.decode(text) or decoded_by_hand(text)
end

-- Write into a new file beside it, which then takes its name; a link stays one, and the permissions stay. Returns why
-- that was not possible.
function M.file(path, bytes)
  local target = uv.fs_realpath(path) or path
  local before = uv.fs_stat(target)
  local beside = ('%s/.%s.%d.tmp'):format(vim.fn.fnamemodify(target, ':h'), vim.fn.fnamemodify(target, ':t'), uv.hrtime() % 1e9)
  local file, problem = uv.fs_open(beside, 'wx', OWN)
  if not file then
    return problem
  end
  local done
  done, problem = uv.fs_write(file, bytes, 0)
  if done and done < #bytes then
    done, problem = nil, 'the disk is full'
  end
  if done and before then
    done, problem = uv.fs_fchmod(file, before.mode % 4096)
  end
  if done then
    done, problem = uv.fs_fsync(file)
  end
  uv.fs_close(file)
  if done then
    done, problem = uv.fs_rename(beside, target)
  end
  if not done then
    uv.fs_unlink(beside)
    return problem
  end
end

return M
