"""The region form and back, held against the engine's own passes: what both make is lowered to the same.

Operations of generated cases and of the examples.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import code_actions
from enzyme_lsp.features.actions import inline_region, outline_region
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span
from tests.differential import actions
from tests.differential.snapshots import snapshot_of
from tests.samples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.differential.conftest import Asked

SEED, NUMBERS = 33, range(14)
PASSES: Final = {inline_region.KIND: "inline-enzyme-regions", outline_region.KIND: "outline-enzyme-regions"}
LOWERED: Final = "outline-enzyme-regions,enzyme,inline,canonicalize,cse,canonicalize"
"""What an operation is after this is what it computes: with the calls the names of functions are gone."""
_LOCATION: Final = re.compile(r' loc\((?:[^()"]|"[^"]*"|\((?:[^()"]|"[^"]*")*\))*\)')
_FUNCTION: Final = re.compile(r"^( *)func\.func (?:private )?@([\w.$]+|\"[^\"]*\")\(.*?^\1\}", re.MULTILINE | re.DOTALL)
_CONSTANT: Final = re.compile(r" *%c\w* = arith\.constant ")


def test_what_is_made_of_regions_is_what_the_engine_makes(asked: Asked):
    compared = Counter[str]()
    for text in _texts(asked):
        for kind, after in _changed(text):
            lowered = [
                asked.wait(asked.oracle.run(one, passes)).output or ""
                for one, passes in ((text, f"{PASSES[kind]},{LOWERED}"), (after, LOWERED))
            ]
            theirs, ours = map(_functions, lowered)
            old = [piece.symbol for piece in snapshot_of(text).layout.pieces]
            both = [name for name in (*old, "caller") if name is not None and name in theirs]
            assert both, text
            for name in both:
                assert ours[name] == theirs[name], after
                compared[kind] += 1
    assert all(compared[kind] >= 2 for kind in PASSES), compared


def _texts(asked: Asked) -> Iterator[str]:
    """Texts in the spelling of the engine."""
    for number in NUMBERS:
        case = actions.case(SEED, number)
        # What nothing uses would not be compared.
        whole = replace(case, used=frozenset(range(len(case.operation.results))))
        yield actions.unpacked(whole, whole.text(asked.oracle.spelling))
    if asked.oracle.spelling == "classic":
        yield from (path.read_text() for path in sorted(EXAMPLES.glob("*.mlir")))


def _changed(text: str) -> Iterator[tuple[str, str]]:
    """The text with one operation in its other form, for each that has one; and the kind of the action."""
    snapshot = snapshot_of(text)
    for index, readings in snapshot.readings():
        for reading in readings:
            at = reading.call.name_span.start + snapshot.offset(index)
            for action in code_actions.code_actions_with_edits(snapshot, Span(at, at), tuple(PASSES)):
                if action.edits is not None:
                    yield action.kind, decode(action.edits.apply(snapshot.document.data))


def _functions(text: str) -> dict[str, list[str]]:
    """The lines of each function, by name. Its constants stand first, in whatever order the engine came by them."""
    found: dict[str, list[str]] = {}
    for match in _FUNCTION.finditer(_LOCATION.sub("", text)):
        head, *lines = match[0].split("\n")
        constants = [line for line in lines if _CONSTANT.match(line)]
        found[match[2]] = [head, *sorted(constants), *(line for line in lines if not _CONSTANT.match(line))]
    return found
