"""What is installed: the code, its marker for type checkers, and the pages that it shows."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from enzyme_lsp import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_wheel_holds_what_an_installed_server_needs(tmp_path: Path):
    command = ["pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"enzyme_lsp-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        pages = archive.read("enzyme_lsp/docs/checks.md")
    assert pages == (ROOT / "docs" / "checks.md").read_bytes()
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "enzyme_lsp").rglob("*.py")}
    assert wanted | {"enzyme_lsp/py.typed"} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "examples/")) for name in names)


def test_the_installed_version_is_this_one():
    assert metadata.version("enzyme-lsp") == __version__


def test_the_license_is_llvms():
    found = metadata.metadata("enzyme-lsp")
    assert found["License-Expression"] == "Apache-2.0 WITH LLVM-exception"
    text = (ROOT / "LICENSE").read_text()
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
    assert "---- LLVM Exceptions to the Apache 2.0 License ----" in text
