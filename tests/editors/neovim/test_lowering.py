"""The views of what a file becomes: shown, made anew on saving, in step with the source, stage by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.editors.neovim.test_language import QUIET, edit

if TYPE_CHECKING:
    from tests.editors.neovim.conftest import Opened
    from tests.editors.neovim.nvim import Nvim

GRADIENT = """\
// RUN: enzymexlamlir-opt %s --enzyme --canonicalize | FileCheck %s
func.func @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}

func.func @dsquare(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""

VIEWS = "vim.tbl_filter(function(b) return vim.b[b].enzyme_lsp_source ~= nil end, vim.api.nvim_list_bufs())"
FILLED = f"(function() local v = {VIEWS} return v[1] and vim.api.nvim_buf_line_count(v[1]) > 1 and v[1] end)()"
TEXT = "table.concat(vim.api.nvim_buf_get_lines(..., 0, -1, false), '\\n')"
ROW = "vim.api.nvim_win_get_cursor(vim.fn.bufwinid((...)))[1]"


def view(nvim: Nvim) -> int:
    """The one view that is open, once it has its text."""
    return nvim.until(FILLED)


def row(nvim: Nvim, buffer: int, part: str) -> int:
    """The line of a buffer, from 1, that has a part."""
    return next(number for number, line in enumerate(nvim.lines(buffer), 1) if part in line)


def test_a_view_follows_its_source_when_it_is_saved(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.command("EnzymeLower")
    buffer = view(nvim)
    assert "enzyme.autodiff" not in nvim.lua(TEXT, buffer)
    assert nvim.lua("{ vim.bo[...].filetype, vim.bo[...].modifiable, vim.fn.bufname() }", buffer)[:2] == ["mlir", False]
    assert nvim.lua("vim.api.nvim_buf_get_name(0)").endswith("test.mlir")
    assert "arith.addf %x, %x" not in nvim.lua(TEXT, buffer)
    nvim.cursor(3)
    nvim.keys(":s/mulf/addf/<CR>:write<CR>")
    nvim.until(f"{TEXT}:find('arith.addf %x, %x', 1, true)", buffer)
    # The plugin's client does not look at the view.
    assert nvim.lua("#require('enzyme_lsp.client').all(...)", buffer) == 0


def test_a_view_of_a_broken_source_keeps_its_text_and_says_so(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.command("EnzymeLower")
    buffer = view(nvim)
    before = nvim.lua(TEXT, buffer)
    nvim.cursor(3)
    nvim.keys("dd:write<CR>")
    nvim.until("vim.b[...].enzyme_lsp_stale", buffer)
    assert nvim.lua(TEXT, buffer) == before
    assert nvim.lua("vim.b[...].enzyme_lsp_stale", buffer).startswith("from before the last change")
    nvim.keys("u:write<CR>")
    nvim.until("not vim.b[...].enzyme_lsp_stale", buffer)


def test_the_cursors_go_together(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    source = nvim.lua("vim.api.nvim_get_current_buf()")
    nvim.command("EnzymeLower enzyme")
    buffer = view(nvim)
    multiplied = row(nvim, buffer, "%y = arith.mulf %x, %x")
    nvim.cursor(3)
    nvim.until(f"{ROW} == select(2, ...)", buffer, multiplied)
    nvim.keys("<C-w>l")
    assert nvim.lua("vim.api.nvim_get_current_buf()") == buffer
    nvim.cursor(row(nvim, buffer, "func.func @dsquare"))
    nvim.until(f"{ROW} == 7", source)
    nvim.cursor(multiplied)
    nvim.until(f"{ROW} == 3", source)
    nvim.cursor(row(nvim, buffer, "func.func @square"))
    nvim.keys("<CR>")
    nvim.until("vim.api.nvim_get_current_buf() == ... and vim.fn.line('.') == 2", source)


def test_a_view_is_of_a_preset_a_run_line_or_one_function(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    words = nvim.lua("vim.fn.getcompletion('EnzymeLower ', 'cmdline')")
    assert {"simplify", "llvm", "run 1"} <= set(words)
    assert nvim.lua("vim.fn.getcompletion('EnzymeLower sim', 'cmdline')") == ["simplify"]
    nvim.command("EnzymeLower run 1")
    assert "enzyme.autodiff" not in nvim.lua(TEXT, view(nvim))
    nvim.command("only")
    nvim.command("EnzymeLower llvm")
    assert nvim.lua(f"{TEXT}:find('llvm.func @dsquare', 1, true)", view(nvim))
    nvim.command("only")
    nvim.put(3)
    nvim.command("EnzymeLower! canonicalize")
    text = nvim.lua(TEXT, view(nvim))
    assert "@square" in text
    assert "@dsquare" not in text


def test_a_pipeline_that_means_nothing_is_told(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.command("EnzymeLower no-such-pass")
    stale = f"(function() local v = {VIEWS} return v[1] and vim.b[v[1]].enzyme_lsp_stale end)()"
    assert nvim.until(stale).startswith("not lowered:")


def test_stages_are_chosen_from_a_list(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.lua("(function() picks, wanted = {}, { 2 } end)()")
    nvim.command("EnzymeStages enzyme,canonicalize")
    text = nvim.lua(TEXT, view(nvim))
    assert "@diffesquare" in text
    assert [stage.split()[:3] for stage in nvim.lua("picks[1]")][1:] == [
        ["2", "*", "enzyme"],
        ["3", "*", "canonicalize"],
    ]


def test_two_stages_are_compared(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.lua("(function() picks, wanted = {}, { 1, 2 } end)()")
    nvim.command("EnzymeStageDiff enzyme,canonicalize")
    two = "vim.tbl_map(function(w) return { vim.wo[w].diff, vim.api.nvim_win_get_buf(w) } end, "
    two += "vim.api.nvim_tabpage_list_wins(0))"
    nvim.until(f"(function() local w = {two} return #w == 2 and w[1][1] and w[2][1] end)()")
    (_, left), (_, right) = nvim.lua(two)
    nvim.until(f"{TEXT}:find('@diffesquare', 1, true)", right)
    nvim.until(f"{TEXT}:find('enzyme.autodiff', 1, true)", left)
    nvim.command("tabclose")


def test_the_status_names_the_engine(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.until(QUIET)
    assert nvim.lua("require('enzyme_lsp').status()").startswith("enzyme-ad 0.0.1")
    nvim.command("enew")
    assert nvim.lua("require('enzyme_lsp').status()") == ""
