"""The operations that our parser finds are those that the engine finds, by the places that it prints for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.line_index import LineIndex
from tests.samples import EXAMPLES
from tests.verification.test_pieces_and_wholes import HEAD, SYMBOLS

if TYPE_CHECKING:
    from tests.judges import EngineThread

_PRINTED = re.compile(r'loc\("-":(\d+):(\d+)\)')
_CHANGES_NOTHING = "mem2reg"
"""A pipeline, since without one nothing is printed; on texts without stack slots this pass leaves all as it is."""

_MARKS = (Kind.HASH, Kind.BANG)
"""What begins an alias, which is no operation of the engine."""

_PLACED_BEHIND_THEIR_NAME = ("stablehlo.reduce",)
"""Its own parser makes it, and takes the place that it has reached."""

TEXTS = {path.name: path.read_bytes() for path in sorted(EXAMPLES.glob("*.mlir"))}
TEXTS["symbols"] = (HEAD + "\n".join(re.sub(r" loc\([^)]*\)", "", text) for text in SYMBOLS.values())).encode()


@pytest.mark.parametrize("name", TEXTS)
def test_operations_are_those_of_the_engine(name: str, classic: EngineThread) -> None:
    data = TEXTS[name]
    for section in Layout.of(data).sections:
        text = section.span.of(data)
        answer = classic.wait(classic.pool.run(Request(text, _CHANGES_NOTHING), lane=Lane.BACKGROUND))
        assert answer.outcome is Outcome.ACCEPTED, answer
        printed = {(int(line), int(column)) for line, column in _PRINTED.findall(answer.output or "")}
        lines, tree = LineIndex.of(text), parse(text)

        def place(offset: int, lines: LineIndex = lines) -> tuple[int, int]:
            found = lines.position(offset, "utf-8")
            return found.line0 + 1, found.column + 1

        named = [operation for operation in tree.walk() if operation.name_token >= 0]
        tokens = [one.name_token + (one.name in _PLACED_BEHIND_THEIR_NAME) for one in named]
        operations = {place(tree.tokens.starts[token]) for token in tokens}
        aliases = {
            place(start) for start, kind in zip(tree.tokens.starts, tree.tokens.kinds, strict=True) if kind in _MARKS
        }
        values = {place(s) for s, kind in zip(tree.tokens.starts, tree.tokens.kinds, strict=True) if kind == Kind.VALUE}
        # The engine prints places of operations and of block arguments, and (0, 0) for a module that is not written.
        assert printed - values - {(0, 0)} == operations - aliases
