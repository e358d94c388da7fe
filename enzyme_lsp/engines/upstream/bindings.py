"""Upstream MLIR's bindings as all workers use that load them; must import the standard library only."""

from __future__ import annotations

import os
import sys
from typing import Any


def reach(folder: str) -> None:
    """Make the package `mlir` in a folder importable."""
    # Isolated interpreters have no packages; this one gets those beside the bindings, which import numpy where it is,
    # and that would reserve memory for threads which nobody needs.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.path.append(folder)


def context(ir: Any) -> Any:
    """A context of `mlir.ir` whose diagnostics go to descriptor 2, in the form of MLIR's own programs."""
    made = ir.Context()
    # One thread: the handler below is Python, and whoever waits for another thread holds the lock that it needs.
    made.enable_multithreading(enable=False)
    made.emit_error_diagnostics = True
    made.attach_diagnostic_handler(_say)
    return made


def _say(diagnostic: Any) -> bool:
    """Write a diagnostic and its notes."""
    lines = [_line(diagnostic, _severity(diagnostic)), *(_line(note, "note") for note in diagnostic.notes)]
    os.write(2, "".join(lines).encode("utf-8", "replace"))
    return True


def _severity(diagnostic: Any) -> str:
    return str(diagnostic.severity).rpartition(".")[2].lower()


def _line(diagnostic: Any, severity: str) -> str:
    return f"{diagnostic.location}: {severity}: {diagnostic.message}\n"
