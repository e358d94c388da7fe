"""Upstream MLIR as a judge of texts, in a process of its own: its bindings are native code."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from enzyme_lsp.dialect import irdl

NEEDS_UPSTREAM = pytest.mark.skipif(importlib.util.find_spec("mlir") is None, reason="upstream's bindings are not here")

SCRIPT = """
import json, sys
from mlir import ir
from mlir.dialects import irdl

def spell(op):
    if "spelled" in op.attributes:
        name = "sym_name" if "sym_name" in op.attributes else "base_type"
        op.attributes[name] = op.attributes["spelled"]
        del op.attributes["spelled"]
    return ir.WalkResult.ADVANCE

dialect, texts = json.load(sys.stdin)
said = []
with ir.Context(), ir.Location.unknown():
    module = ir.Module.parse(dialect)
    module.operation.walk(spell)
    irdl.load_dialects(module)
    for text in texts:
        try:
            ir.Module.parse(text)
            said.append("")
        except ir.MLIRError as error:
            said.append(error.error_diagnostics[0].message)
json.dump(said, sys.stdout)
"""


def said(*texts: str) -> list[str]:
    """What upstream MLIR says first of each text, empty where it accepts it; asked in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([irdl.text(), texts]),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
