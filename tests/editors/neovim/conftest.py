"""Every Neovim that is there, with the plugin and a file to work on."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim.nvim import Nvim, running, version

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = ROOT / "editors" / "neovim"
INSTALLED = ROOT / ".editors" / "neovim" / "bin" / "nvim"
"""By `make test-editors`; the other one is that of the system."""

SETUP = """
vim.opt.runtimepath:prepend('PLUGIN')
vim.opt.swapfile = false
vim.opt.hidden = true
vim.opt.lines, vim.opt.columns = 50, 200
vim.opt.shortmess:append('aoOtTIcFA')
vim.cmd('filetype plugin indent on | syntax on')
picks = {}
vim.ui.select = function(items, options, chosen)
  picks[#picks + 1] = vim.tbl_map(options.format_item or tostring, items)
  local pick = wanted and table.remove(wanted, 1)
  chosen(pick and items[pick] or nil, pick)
end
"""
"""What any user's configuration might have. The lists that the user would choose from are kept, and `wanted` chooses."""


def programs() -> list[Path]:
    found = shutil.which("nvim")
    return [path for path in (INSTALLED, *([Path(found)] if found else [])) if path.exists()]


def _name(path: str) -> str:
    return f"nvim-{version(Path(path))}" if path else "no-nvim"


@dataclass(frozen=True, slots=True)
class Opened:
    """A Neovim in a folder of its own."""

    nvim: Nvim
    folder: Path
    version: tuple[int, ...]


@pytest.fixture(scope="session", params=[str(path) for path in programs()] or [""], ids=_name)
def program(request: pytest.FixtureRequest) -> Path:
    if not request.param:
        reason = "there is no nvim on PATH; `make test-editors` installs one"
        (pytest.fail if os.environ.get("ENZYME_LSP_REQUIRE_EDITORS") else pytest.skip)(reason)
    return Path(request.param)


@pytest.fixture(scope="session")
def shared(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """With the server of this environment, started by `setup`; one for all tests, since its compiler takes seconds."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / ".git").mkdir()
    with opened_with(program, folder, f"require('enzyme_lsp').setup({{ cmd = {{ '{server()}' }} }})") as found:
        yield found


@pytest.fixture
def opened(shared: Opened) -> Iterator[Opened]:
    """The same with nothing open."""
    yield shared
    shared.nvim.keys("<C-\\><C-n>")
    shared.nvim.lua("vim.cmd('silent! tabonly | silent! only | silent! %bwipeout!'), vim.cmd('messages clear')")
    for path in shared.folder.glob("*.mlir"):
        path.unlink()


@contextmanager
def opened_with(program: Path, folder: Path, configuration: str) -> Generator[Opened]:
    """A Neovim whose configuration ends with some lines of Lua."""
    init, home = folder / "init.lua", folder / "home"
    init.write_text(SETUP.replace("PLUGIN", str(PLUGIN)) + configuration)
    home.mkdir()
    numbers = tuple(int(part) for part in version(program).split("."))
    with running(program, init, home) as nvim:
        yield Opened(nvim, folder, numbers)


def server() -> str:
    return str(Path(sys.executable).parent / "enzyme-lsp")
