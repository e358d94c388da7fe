"""The files that Neovim reads of the plugin: help, colors, folds, indentation; and the recipe for 0.11."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim.conftest import PLUGIN, ROOT, opened_with, server
from tests.editors.neovim.test_language import SQUARE, edit
from tests.editors.neovim.test_lowering import GRADIENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Opened

PARSER = ROOT / ".editors" / "tree-sitter" / "mlir.so"
BYTECODE = ROOT / "tests" / "editors" / "vscode" / "files" / "derivative.mlirbc"

COMMANDS = [
    "EnzymeCopy",
    "EnzymeDifferentiate",
    "EnzymeDoctor",
    "EnzymeGradcheck",
    "EnzymeLower",
    "EnzymeRestart",
    "EnzymeStageDiff",
    "EnzymeStages",
]


def test_every_command_has_help(opened: Opened, tmp_path: Path):
    nvim = opened.nvim
    shutil.copy(PLUGIN / "doc" / "enzyme-lsp.txt", tmp_path)
    nvim.command(f"helptags {tmp_path}")
    tags = {line.split("\t")[0] for line in (tmp_path / "tags").read_text().splitlines()}
    assert sorted(nvim.lua("vim.fn.getcompletion('Enzyme', 'command')")) == COMMANDS
    assert {f":{command}" for command in COMMANDS} <= tags
    text = (tmp_path / "enzyme-lsp.txt").read_text()
    assert set(re.findall(r"\|((?:enzyme|hl-Enzyme)[^|]*)\|", text)) <= tags
    assert max(map(len, text.splitlines())) <= 79


def test_every_option_has_help():
    config = (PLUGIN / "lua" / "enzyme_lsp" / "config.lua").read_text()
    options = re.findall(r"^  (\w+) = ", config.partition("local options = {")[2].partition("\n}")[0], re.MULTILINE)
    text = (PLUGIN / "doc" / "enzyme-lsp.txt").read_text()
    assert len(options) > 4
    assert all(re.search(rf"^{option} ", text, re.MULTILINE) for option in options)


def test_a_file_is_known_by_its_ending(opened: Opened):
    edit(opened, SQUARE)
    values = "{ vim.bo.filetype, vim.bo.commentstring, vim.bo.shiftwidth, vim.bo.expandtab }"
    assert opened.nvim.lua(values) == ["mlir", "// %s", 2, True]


def test_lines_are_indented_by_brackets(opened: Opened):
    nvim = opened.nvim
    path = opened.folder / "indent.mlir"
    path.write_text("")
    nvim.edit(path)
    nvim.keys("ifunc.func @f(%x: f64) -> f64 {<CR>%y = enzyme.fwddiff @g(%x) {<CR>width = 2<CR>} : (f64) -> f64<CR>")
    nvim.keys("return %y : f64<CR>}<Esc>")
    expected = [
        "func.func @f(%x: f64) -> f64 {",
        "  %y = enzyme.fwddiff @g(%x) {",
        "    width = 2",
        "  } : (f64) -> f64",
    ]
    nvim.until("vim.fn.line('$') == 6")
    assert nvim.lines() == [*expected, "  return %y : f64", "}"]
    # A written file stays as it is.
    nvim.keys("ggdG")
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)", GRADIENT.splitlines())
    nvim.keys("gg=G")
    nvim.until("vim.fn.line('.') == 1")
    assert nvim.lines() == GRADIENT.splitlines()


def test_words_have_colors_without_a_parser(opened: Opened):
    nvim = opened.nvim
    edit(opened, GRADIENT)
    nvim.command("set syntax=mlir")

    def group(line: int, part: str) -> str:
        column = nvim.lines()[line - 1].index(part) + 1
        return nvim.lua("vim.fn.synIDattr(vim.fn.synID(select(1, ...), select(2, ...), 1), 'name')", line, column)

    assert group(1, "RUN") == "mlirDirective"
    assert group(2, "func.func") == "mlirOperation"
    assert group(2, "@square") == "mlirSymbol"
    assert group(2, "%x") == "mlirValue"
    assert group(2, "f64") == "mlirType"
    assert group(8, "enzyme.autodiff") == "mlirEnzyme"
    assert group(9, "#enzyme") == "mlirAttribute"
    assert group(9, "enzyme_active") == "mlirActivity"


def test_words_have_colors_by_the_parser(opened: Opened):
    nvim = opened.nvim
    if opened.version < (0, 10):
        pytest.skip("the queries need Neovim 0.10")
    if not PARSER.exists():
        pytest.skip("`make test-editors` builds the parser where there is a C compiler")
    edit(opened, GRADIENT)
    nvim.lua("vim.treesitter.language.add('mlir', { path = ... })", str(PARSER))
    nvim.command("lua vim.treesitter.start(0, 'mlir')")

    def captures(line: int, part: str) -> list[str]:
        column = nvim.lines()[line - 1].index(part) + 1
        found = nvim.lua("vim.treesitter.get_captures_at_pos(0, select(1, ...), select(2, ...))", line - 1, column)
        return [one["capture"] for one in found]

    nvim.lua("vim.treesitter.get_parser(0, 'mlir'):parse(true) and nil")
    assert captures(1, "RUN") == ["comment", "spell", "keyword.directive"]
    assert captures(2, "%x")[-1] == "variable.parameter"
    assert captures(2, "@square")[-1] == "function"
    assert captures(8, "enzyme.autodiff")[-1] == "keyword.operator"
    assert captures(9, "activity")[-1] == "property"
    assert captures(9, "enzyme_active")[-1] == "constant.builtin"
    nvim.command("setlocal foldmethod=expr foldexpr=v:lua.vim.treesitter.foldexpr()")
    nvim.until("vim.fn.foldlevel(8) == 2")
    assert nvim.lua("vim.treesitter.query.get('mlir', 'injections') ~= nil")


def test_neovims_own_way_starts_the_server(program: Path, tmp_path: Path):
    own = f"vim.lsp.config('enzyme_lsp', {{ cmd = {{ '{server()}' }} }}) vim.lsp.enable('enzyme_lsp')"
    with opened_with(program, tmp_path, f"if vim.fn.has('nvim-0.11') == 1 then {own} end") as opened:
        if opened.version < (0, 11):
            pytest.skip("Neovim has this since 0.11")
        # The first file is one that only the server can read.
        shutil.copy(BYTECODE, tmp_path)
        opened.nvim.edit(tmp_path / BYTECODE.name)
        assert "enzyme.autodiff" in "\n".join(opened.nvim.lines())
        declared = opened.nvim.lua("require('enzyme_lsp.client').of(0).config.capabilities.experimental")
        assert declared["enzymeStatus"] is True
        assert declared["enzymeTrusted"] is False
