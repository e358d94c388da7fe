"""Texts that many tests start from: the project's own examples."""

from __future__ import annotations

from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).parent.parent / "examples"
SAMPLES: Final = tuple(path.read_bytes() for path in sorted(EXAMPLES.rglob("*.mlir")))
