"""Diagnostics of upstream MLIR's bindings, written as MLIR's own programs do; must import the standard library only."""

from __future__ import annotations

import os
from typing import Any


def say(diagnostic: Any) -> bool:
    """Write a diagnostic and its notes to descriptor 2. A context's handler."""
    lines = [_line(diagnostic, _severity(diagnostic)), *(_line(note, "note") for note in diagnostic.notes)]
    os.write(2, "".join(lines).encode("utf-8", "replace"))
    return True


def _severity(diagnostic: Any) -> str:
    return str(diagnostic.severity).rpartition(".")[2].lower()


def _line(diagnostic: Any, severity: str) -> str:
    return f"{diagnostic.location}: {severity}: {diagnostic.message}\n"
