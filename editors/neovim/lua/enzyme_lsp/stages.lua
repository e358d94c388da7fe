-- The stages of a lowering as a list to choose from.
local clients = require('enzyme_lsp.client')
local lowering = require('enzyme_lsp.lowering')

local M = {}

local function told(stage)
  return ('%2d %s %-40s %8.1f ms'):format(stage.number, stage.changed and '*' or ' ', stage.name, stage.milliseconds)
end

-- Ask for the stages of `wish`; `given` is called with those that there are, each with its number from 1.
local function with_stages(buffer, wish, given)
  local client = clients.wanted(buffer)
  if not client then
    return
  end
  local params = vim.tbl_extend('force', wish, { textDocument = clients.document(buffer), stages = 'last' })
  clients.ask(client, buffer, 'enzyme/lower', params, function(result)
    if result.failed ~= '' then
      clients.complain(('%s failed: %s'):format(result.failed, result.detail))
    end
    for number, stage in ipairs(result.stages) do
      stage.number = number
    end
    if result.stages[1] then
      given(result.stages)
    end
  end)
end

local function choose(stages, prompt, chosen)
  vim.ui.select(stages, { prompt = prompt, format_item = told, kind = 'enzyme_lsp_stage' }, function(stage)
    if stage then
      chosen(stage)
    end
  end)
end

-- Choose a stage, and show it.
function M.pick(buffer, wish, title)
  with_stages(buffer, wish, function(stages)
    choose(stages, 'Stage (* has changed something):', function(stage)
      lowering.open(buffer, wish, ('%s stage %d %s'):format(title, stage.number, stage.name), stage.number)
    end)
  end)
end

-- Choose two stages, and show what differs.
function M.compare(buffer, wish)
  with_stages(buffer, wish, function(stages)
    choose(stages, 'From stage:', function(from)
      choose(stages, 'To stage:', function(to)
        lowering.compare(buffer, wish, from.number, to.number)
      end)
    end)
  end)
end

return M
