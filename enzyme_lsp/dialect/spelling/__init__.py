"""Spelling: the two generations of Enzyme's text form: told apart, and each written as the other.

Found by asking the engines 0.0.15 (classic) and 0.0.16 (strict). They differ in the brackets of an operation's own
attributes (`brackets.py` reads them, `writing.py` converts them) and in the attribute that is an activity, wherever it
stands (`activities.py`). What is converted or left as a whole is a unit (`unit.py`). Upstream MLIR reads neither, and
gets the generic form (`generic.py`).

A classic text that is converted to strict and back is the same bytes again, and so is a strict one in the form that the
engine prints. Nothing is rewritten that need not be, and every line stays where it is.
"""

from __future__ import annotations

from enzyme_lsp.dialect.spelling.edits import READ_BY, Conversion, Move, Read, Spelling, other, shifted
from enzyme_lsp.dialect.spelling.reading import converted
from enzyme_lsp.dialect.spelling.restored import as_meant, restored
from enzyme_lsp.dialect.spelling.unit import (
    Left,
    Unit,
    may_hold,
    of_alias,
    of_call,
    of_operation,
    tally,
    units,
)

__all__ = [
    "READ_BY",
    "Conversion",
    "Left",
    "Move",
    "Read",
    "Spelling",
    "Unit",
    "as_meant",
    "converted",
    "may_hold",
    "of_alias",
    "of_call",
    "of_operation",
    "other",
    "restored",
    "shifted",
    "tally",
    "units",
]
