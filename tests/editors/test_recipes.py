"""The lines of docs/editors.md in real editors that take them: Emacs with eglot, Kakoune, Neovim without the plugin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.editors.neovim.conftest import PLUGIN, programs
from tests.editors.neovim.nvim import version
from tests.editors.neovim.test_language import TOO_MANY

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "editors.md"
SESSION = Path(__file__).with_name("emacs") / "session.el"


def recipe(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def run(folder: Path, *command: str | Path) -> str:
    """What a program says, which must end well and soon. It finds the server of this environment on `PATH`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**inherited, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PATH": path}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("ENZYME_LSP_REQUIRE_EDITORS") else pytest.skip)(f"there is no {name} on PATH")
    return found


def test_emacs_takes_the_recipe_and_mends_a_file(tmp_path: Path):
    emacs = program("emacs")
    (lines,) = recipe("elisp")
    init, file = tmp_path / "init.el", tmp_path / "wrong.mlir"
    init.write_text(f";;; init.el --- the recipe  -*- lexical-binding: t -*-\n{lines}")
    file.write_text(TOO_MANY)
    strict = "(progn (require 'eglot) (setq byte-compile-error-on-warn t))"
    run(tmp_path, emacs, "--batch", "--eval", strict, "-f", "batch-byte-compile", init)
    said = run(tmp_path, emacs, "--batch", "-l", init.with_suffix(".elc"), "-l", SESSION, file)
    assert "mode: mlir-mode\n" in said
    assert "diagnostic: enzyme-lsp [activity-count]: @square has 1 argument" in said
    assert "action: Remove the surplus activity\n" in said
    assert "fixed: t\n" in said
    assert re.search("hover: .*enzyme.autodiff", said)


def test_kakoune_reads_the_recipe(tmp_path: Path):
    kak = program("kak")
    (lines,) = recipe("kak")
    result = tmp_path / "result"
    # kakoune-lsp, which declares this option, is not installed.
    (tmp_path / "kakrc").write_text(
        f"declare-option str lsp_servers\n{lines}"
        "edit test.mlir\n"
        f"echo -to-file {result} %opt{{filetype}} %opt{{comment_line}} %opt{{lsp_servers}}\nquit!\n"
    )
    run(tmp_path, kak, "-ui", "dummy", "-e", f"source {tmp_path / 'kakrc'}")
    filetype, comment, *server = result.read_text().split()
    assert (filetype, comment) == ("mlir", "//")
    assert server[0] == "[enzyme-lsp]"


WAIT_AND_TELL = """
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, found in ipairs(vim.diagnostic.get(0)) do io.stdout:write(found.code .. '\\n') end
vim.cmd('qall!')
"""


@pytest.mark.parametrize("number", [0, 1], ids=["plugin", "no-plugin"])
def test_neovim_takes_the_recipe(tmp_path: Path, number: int):
    newest = max(programs(), key=lambda path: [int(part) for part in version(path).split(".")], default=None)
    if newest is None or version(newest) < "0.11":
        pytest.skip("there is no Neovim 0.11")
    lines = recipe("lua")[number].replace("/path/to/enzyme-lsp/editors/neovim", str(PLUGIN))
    init, session, file = tmp_path / "init.lua", tmp_path / "session.lua", tmp_path / "wrong.mlir"
    init.write_text(lines)
    session.write_text(WAIT_AND_TELL)
    file.write_text(TOO_MANY)
    said = run(
        tmp_path, newest, "--clean", "--headless", "-i", "NONE", "-n", "-u", init, file, "-c", f"luafile {session}"
    )
    assert "activity-count\n" in said.replace("\r", "")
