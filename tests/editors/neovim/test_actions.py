"""Derivatives are written from anywhere in a function; lenses, code to paste, the doctor and a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.editors.neovim.test_language import SQUARE, edit, gone
from tests.editors.neovim.test_lowering import GRADIENT, TEXT, view

if TYPE_CHECKING:
    from tests.editors.neovim.conftest import Opened

LENSES = """
(function()
  local found = {}
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do found[#found + 1] = lens.command.title end
  return #found > 0 and found
end)()
"""
RUN_LENS = """
for _, lens in ipairs(vim.lsp.codelens.get(0)) do
  if lens.command.title == ... then
    require('enzyme_lsp.client').of(0).config.commands[lens.command.command](lens.command, { bufnr = 0 })
  end
end
"""


def test_a_derivative_of_one_sort_is_written_at_once(opened: Opened):
    nvim = opened.nvim
    edit(opened, SQUARE)
    nvim.put(2, 8)
    nvim.command("EnzymeDifferentiate reverse")
    nvim.until("vim.fn.search('@grad_square', 'nw') > 0")
    gone(nvim)


def test_a_derivative_is_chosen_from_a_list(opened: Opened):
    nvim = opened.nvim
    edit(opened, SQUARE)
    nvim.lua("(function() picks, wanted = {}, { 1 } end)()")
    nvim.put(3)
    nvim.command("EnzymeDifferentiate")
    nvim.until("vim.fn.line('$') > 4")
    assert len(nvim.lua("picks[1]")) > 4
    gone(nvim)


def test_what_has_no_derivative_says_why(opened: Opened):
    nvim = opened.nvim
    edit(opened, "func.func @count(%n: i32) -> i32 {\n  return %n : i32\n}\n")
    nvim.command("EnzymeDifferentiate reverse")
    nvim.until("vim.fn.execute('messages'):find('enzyme-lsp:', 1, true)")
    assert nvim.lua("vim.fn.line('$')") == 3
    nvim.command("messages clear")
    nvim.command("EnzymeDifferentiate sideways")
    nvim.until("vim.fn.execute('messages'):find('sideways is none of', 1, true)")


def test_lenses_do_what_they_say(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.lua("vim.lsp.codelens.refresh()")
    assert {"1 derivative", "Differentiate", "Lower"} <= set(nvim.until(LENSES))
    nvim.lua(RUN_LENS, "1 derivative")
    nvim.until("vim.fn.line('.') == 8")
    nvim.lua(RUN_LENS, "Lower")
    assert "enzyme.autodiff" not in nvim.lua(TEXT, view(nvim))


def test_an_operation_is_copied_as_code(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.put(8, 10)
    nvim.command("EnzymeCopy python")
    nvim.until("vim.fn.getreg('\"'):find('autodiff', 1, true)")


def test_the_doctor_speaks(opened: Opened):
    nvim = opened.nvim
    edit(opened, SQUARE)
    nvim.command("EnzymeDoctor")
    nvim.until("vim.fn.search('exit code 0', 'nw') > 0")
    assert any(line.endswith("enzyme-lsp doctor") for line in nvim.lines())


def test_a_restart_begins_anew(opened: Opened):
    nvim = opened.nvim
    edit(opened, SQUARE)
    before = nvim.lua("require('enzyme_lsp.client').of(0).id")
    nvim.command("EnzymeRestart")
    after = nvim.until(
        "(function() local c = require('enzyme_lsp.client').of(0) return c and c.initialized and c.id end)()"
    )
    assert after > before


def test_a_gradient_is_checked_where_the_user_trusts_the_code(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.put(8, 10)
    nvim.command("EnzymeGradcheck")
    nvim.until("vim.fn.execute('messages'):find('needs the option trusted', 1, true)")
    nvim.lua("(function() require('enzyme_lsp.config').options().trusted = true end)()")
    nvim.command("EnzymeRestart")
    nvim.until("(function() local c = require('enzyme_lsp.client').of(0) return c and c.initialized end)()")
    nvim.command("EnzymeGradcheck")
    nvim.lua("(function() require('enzyme_lsp.config').options().trusted = false end)()")
    shown = "vim.tbl_filter(function(b) return vim.bo[b].buftype == 'nofile' end, vim.fn.tabpagebuflist())[1]"
    text = nvim.lua(TEXT, nvim.until(shown))
    assert "AGREE  enzyme.autodiff of @square (reverse)" in text
    assert "test.mlir:8\n" in text
    assert text.splitlines()[-2].split()[:4] == ["varied", "of", "derivative", "differences"]
