"""The VS Code extension's generated parts say what the server says: its messages as types, its settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "vscode-extension"
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="there is no Node to run the extension's generators")
@pytest.mark.parametrize("script", ["protocol.mjs", "settings.mjs"])
def test_generated_parts_are_current(script: str) -> None:
    assert NODE is not None
    check = [] if os.environ.get("UPDATE_EXPECT") else ["--check"]
    run = subprocess.run([NODE, EXTENSION / "scripts" / script, *check], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_lock_file_names_no_registry() -> None:
    text = (EXTENSION / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text, "run npm in vscode-extension, whose .npmrc leaves the addresses out"
