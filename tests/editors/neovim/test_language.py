"""What every client of the server does, as a user of Neovim does it: by keys and by Neovim's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Opened
    from tests.editors.neovim.nvim import Nvim

SQUARE = """\
func.func @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}
"""
TOO_MANY = (
    SQUARE
    + """
func.func @dsquare(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""
)

CODES = "vim.tbl_map(function(d) return { d.lnum, d.code } end, vim.diagnostic.get(0))"
QUIET = "(function() local s = require('enzyme_lsp.status').of(0) return s and s.quiescent and s.engine ~= '' end)()"


def edit(opened: Opened, text: str, name: str = "test.mlir") -> Path:
    """Open a file of this text, and wait until its client is there."""
    path = opened.folder / name
    path.write_text(text)
    opened.nvim.edit(path)
    opened.nvim.until("(function() local c = require('enzyme_lsp.client').of(0) return c and c.initialized end)()")
    return path


def gone(nvim: Nvim) -> None:
    nvim.until("#vim.diagnostic.get(0) == 0")


def test_a_mistake_is_underlined_and_goes_with_its_fix(opened: Opened):
    nvim = opened.nvim
    edit(opened, TOO_MANY)
    nvim.until("#vim.diagnostic.get(0) > 0")
    assert nvim.lua(CODES) == [[7, "activity-count"]]
    nvim.put(8, 55)
    if opened.version >= (0, 8):
        nvim.lua("vim.lsp.buf.code_action({ context = { only = { 'quickfix' } }, apply = true })")
    else:
        nvim.lua("wanted = { 1 } vim.lsp.buf.code_action({ only = { 'quickfix' } })")
    nvim.until("not vim.fn.getline(8):find('enzyme_const', 1, true)")
    gone(nvim)


def test_a_hover_says_what_an_operation_is(opened: Opened):
    nvim = opened.nvim
    edit(opened, TOO_MANY)
    nvim.until("#vim.diagnostic.get(0) > 0")
    nvim.put(7, 10)
    nvim.lua("vim.lsp.buf.hover()")
    shown = "(function() for _, w in ipairs(vim.api.nvim_list_wins()) do if vim.api.nvim_win_get_config(w).relative "
    shown += "~= '' then return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(w), 0, -1, false) end end end)()"
    assert "enzyme.autodiff" in "\n".join(nvim.until(shown))


def test_completion_is_typed(opened: Opened):
    nvim = opened.nvim
    edit(opened, SQUARE + "func.func @d(%x: f64, %dr: f64) -> f64 {\n  %0 = enzyme.autodiff @\n  return %x : f64\n}\n")
    nvim.keys("6GA")
    if opened.version >= (0, 11):
        nvim.lua(
            "vim.o.completeopt = 'menu,menuone,noselect' "
            "vim.lsp.completion.enable(true, require('enzyme_lsp.client').of(0).id, 0) "
            "vim.lsp.completion.get()"
        )
    else:
        nvim.keys("<C-x><C-o>")
    nvim.until("vim.fn.pumvisible() == 1")
    if opened.version >= (0, 11):
        nvim.keys("<C-n><C-y>")
        # What can be typed over is a snippet, through which Neovim leads.
        nvim.until("vim.fn.getline(6):find('activity = [', 1, true)")
        assert nvim.lua("vim.snippet.active()")
    else:
        nvim.keys("<C-n>")
        nvim.until("vim.fn.getline(6):find('@square', 1, true)")
    assert nvim.lines()[5].startswith("  %0 = enzyme.autodiff @square")


def test_a_rename_changes_every_use(opened: Opened):
    nvim = opened.nvim
    edit(opened, SQUARE)
    nvim.put(2, 2)
    nvim.lua("vim.lsp.buf.rename('%product')")
    nvim.until("vim.fn.getline(3) == '  return %product : f64'")
    assert nvim.lines()[1] == "  %product = arith.mulf %x, %x : f64"


def test_hints_are_shown_where_neovim_has_them(opened: Opened):
    nvim = opened.nvim
    if opened.version < (0, 10):
        assert not nvim.lua("vim.lsp.inlay_hint and vim.lsp.inlay_hint.get")
        return
    edit(opened, TOO_MANY.replace(", #enzyme<activity enzyme_const>", ""))
    nvim.lua("vim.lsp.inlay_hint.enable(true)")
    hints = nvim.until(
        "(function() local l = vim.tbl_map(function(h) return h.inlay_hint.label end, vim.lsp.inlay_hint.get()) "
        "return #l > 0 and l end)()"
    )
    assert any("seed" in str(hint) for hint in hints)


def test_a_workspace_has_one_server(opened: Opened):
    edit(opened, SQUARE)
    edit(opened, SQUARE.replace("@square", "@other"), "other.mlir")
    assert opened.nvim.lua("#require('enzyme_lsp.client').all()") == 1
