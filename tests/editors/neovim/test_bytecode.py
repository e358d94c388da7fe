"""Files with bytecode: their text is read and written, and a text that is no module does not get into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim.test_language import SQUARE, edit, gone

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Opened

MAGIC = b"ML\xefR"
SAID = "vim.fn.execute('messages'):find(..., 1, true)"


@pytest.fixture
def written(opened: Opened) -> Path:
    """A file that was written from a buffer of text, and is open."""
    nvim = opened.nvim
    edit(opened, SQUARE)
    path = opened.folder / "square.mlirbc"
    path.unlink(missing_ok=True)
    nvim.command(f"write {path}")
    nvim.until(SAID, "square.mlirbc has ")
    assert path.read_bytes().startswith(MAGIC)
    nvim.edit(path)
    return path


def test_bytecode_is_edited_as_text(opened: Opened, written: Path):
    nvim = opened.nvim
    assert nvim.lua("{ vim.bo.filetype, vim.bo.modified, vim.bo.readonly }") == ["mlir", False, False]
    before = nvim.lines()
    row = next(number for number, line in enumerate(before, 1) if "arith.mulf" in line)
    nvim.keys("u")
    assert nvim.lines() == before
    nvim.cursor(row)
    nvim.keys(":s/%arg0 : f64/%nowhere : f64/<CR>")
    nvim.until("#vim.diagnostic.get(0) > 0")
    nvim.keys("u:s/mulf/addf/<CR>")
    gone(nvim)
    nvim.keys(":write<CR>")
    nvim.until("not vim.bo.modified")
    nvim.command("bwipeout")
    assert written.read_bytes().startswith(MAGIC)
    nvim.edit(written)
    assert nvim.lines() == [line.replace("mulf", "addf") for line in before]


def test_a_text_that_is_no_module_is_not_written(opened: Opened, written: Path):
    nvim = opened.nvim
    before = written.read_bytes()
    nvim.keys("Goreturn %nowhere<Esc>:write<CR>")
    nvim.until(SAID, "square.mlirbc is not made bytecode")
    assert nvim.lua("vim.bo.modified")
    nvim.keys(":wq<CR>")
    assert nvim.lua("vim.fn.bufname():match('[^/]*$')") == "square.mlirbc"
    assert written.read_bytes() == before
    nvim.keys(":1write! other.mlirbc<CR>")
    nvim.until(SAID, "a part of a text")
    assert written.read_bytes() == before
    assert not [path for path in opened.folder.iterdir() if "other" in path.name or ".tmp" in path.name]


def test_a_file_that_others_change_is_read_again_or_told_of(opened: Opened, written: Path):
    nvim = opened.nvim
    nvim.command("set autoread")
    lines = nvim.lines()
    written.write_text("func.func @other() { return }\n")
    nvim.lua("vim.cmd('doautocmd FocusGained')")
    nvim.until("vim.fn.search('@other', 'nw') > 0")
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)", lines)
    written.write_text("func.func @third() { return }\n")
    nvim.keys(":write<CR>")
    nvim.until(SAID, "has changed since it was read")
    assert written.read_text().startswith("func.func @third")
    nvim.keys(":write!<CR>")
    nvim.until("not vim.bo.modified")
    assert written.read_bytes().startswith(MAGIC)


def test_what_cannot_be_read_is_not_written_over(opened: Opened, written: Path):
    nvim = opened.nvim
    nvim.command("bwipeout")
    written.write_bytes(MAGIC + b"\0not the rest of it")
    nvim.keys(f":edit {written}<CR>")
    nvim.until(SAID, "square.mlirbc is not opened")
    assert nvim.lines() == [""]
    nvim.keys("imodule {}<Esc>:write!<CR>")
    nvim.until(SAID, "its text could not be read")
    assert written.read_bytes() == MAGIC + b"\0not the rest of it"
