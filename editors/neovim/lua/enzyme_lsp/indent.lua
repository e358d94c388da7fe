-- The indentation of a line from the lines above it; it must not know what the brackets are for.
local M = {}

local OPENS = { ['{'] = 1, ['('] = 1, ['['] = 1 }
local CLOSES = { ['}'] = 1, [')'] = 1, [']'] = 1 }

-- A line without its strings and its comment, whose brackets mean nothing.
local function code(line)
  return (line:gsub('"[^"]*"', '""'):gsub('//.*$', ''))
end

-- What a line leaves open (positive) or closes of what was open before it (negative). Brackets that it begins with are
-- counted by the line itself.
local function depth(line)
  local open = 0
  for bracket in code(line):gsub('^%s*[%]%)}]+', ''):gmatch('[%[%](){}]') do
    open = open + (OPENS[bracket] or 0) - (CLOSES[bracket] or 0)
  end
  return open
end

-- The indentation for the line `number`, from 1.
function M.of(number)
  local before = vim.fn.prevnonblank(number - 1)
  if before == 0 then
    return 0
  end
  local width, text = vim.fn.shiftwidth(), vim.fn.getline(before)
  local indent = vim.fn.indent(before)
  local open = depth(text)
  -- However many brackets a line opens, what it encloses is one step further in.
  indent = indent + (open > 0 and width or open < 0 and -width or 0)
  local here = vim.fn.getline(number)
  if text:match('^%s*%^') then
    indent = indent + width -- the body of a block
  end
  if here:match('^%s*[%]%)}]') then
    indent = indent - width
  end
  if here:match('^%s*%^') then
    indent = indent - (text:match('{%s*$') and width or 0)
  end
  return math.max(indent, 0)
end

return M
