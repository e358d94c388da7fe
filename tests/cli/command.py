"""A command run in this process, and how it ended."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.cli.main import main

if TYPE_CHECKING:
    import pytest


@dataclass
class Ended:
    code: int
    out: str
    err: str


def ended(captured: pytest.CaptureFixture[str], *argv: str) -> Ended:
    """Misuse ends a command too."""
    try:
        code = main([*argv])
    except SystemExit as end:
        code = int(str(end.code))
    sys.stdout.flush()
    shown = captured.readouterr()
    return Ended(code, shown.out, shown.err)
