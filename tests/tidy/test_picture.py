"""The picture in the README is what `check` prints; `UPDATE_EXPECT=1` draws it anew."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from tests import update

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ["enzyme-lsp", "check", "examples/wrong/several_functions.mlir"]


@pytest.mark.engine
def test_the_picture_shows_what_check_prints(classic: object):
    done = subprocess.run(
        [sys.executable, "-m", "enzyme_lsp", *COMMAND[1:]],
        cwd=ROOT,
        env={**os.environ, "FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "100", "NO_COLOR": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    console = Console(record=True, width=92, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "green"), " ".join(COMMAND)))
    console.print(Text.from_ansi(done.stdout))
    drawn = console.export_svg(title="enzyme-lsp", unique_id="check")
    # The fonts are on another site: a page that shows the picture should not have to ask there.
    drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    assert "https:" not in drawn.replace("https://www.textualize.io", "")
    update.check_file(ROOT / "docs" / "images" / "check.svg", drawn)
