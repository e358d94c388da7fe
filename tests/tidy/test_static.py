"""The linter, the formatter and the type checker, as tests: one closing line then tells whether all is well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--quiet"],
        ["ruff", "format", "--check", "--quiet", "--diff"],
        ["basedpyright", "--pythonpath", sys.executable],
    ],
    ids=["ruff-check", "ruff-format", "basedpyright"],
)
def test_it_finds_nothing(command: list[str]):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
