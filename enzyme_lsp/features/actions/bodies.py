"""Bodies: the text of a block, moved from a function into a region or out of one; it must not know which.

Names of values stay where they are free in the new place, and so do comments and the indents of lines to each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.features.actions import places
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.line_ends import lines_of
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.syntax.nodes import Block, Operation, Region
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.readings import Reading


def renamed(piece: Piece, first: int, last: int, into: Piece) -> dict[str, str]:
    """A name for each value in tokens [first, last) of a piece that another piece has too."""
    tokens, taken = piece.tree.tokens, into.fact(rewriting.value_names)
    words = dict.fromkeys(
        tokens.word(index).decode("utf-8", "replace")
        for index in range(first, last)
        if tokens.kinds[index] == Kind.VALUE
    )
    found: dict[str, str] = {}
    kept = {word for word in words if word not in taken}
    for word in words:
        if word not in kept:
            found[word] = rewriting.unused_in(into, word, [*kept, *found.values()])
    return found


def lines(region: Region, block: Block, names: Mapping[str, str], last: Operation, word: str) -> list[str]:
    """The lines of a block, moved to the left, with `word` as the name of its last operation.

    `names` gives other ones for values, as `%x` or `%x#1`.
    """
    tree = last.tree
    tokens, start = tree.tokens, _start(region, block, last)
    quoted = f'"{word}"' if last.is_generic else word
    edits = [Edit(last.name_span.shifted(-start), quoted.encode())]
    for index in range(tokens.at(start) or 0, last.last):
        if tokens.kinds[index] != Kind.VALUE or tokens.starts[index] < start:
            continue
        word, behind = (tokens.word(one).decode("utf-8", "replace") for one in (index, index + 1))
        for name, end in ((word + behind, index + 2), (word, index + 1)):
            if name in names:
                edits.append(Edit(tree.span(index, end).shifted(-start), names[name].encode()))
                break
    text = EditSet(edits).apply(Span(start, last.span.end).of(tokens.text)).decode("utf-8", "replace")
    found = lines_of(text.strip("\r\n"))
    if tokens.text[start : last.span.start].strip() == b"" and len(found) == 1:
        return [found[0].strip()]
    indents = [line[: len(line) - len(line.lstrip())] for line in found if line.strip()]
    common = min(indents, key=len, default="")
    return [line.removeprefix(common).rstrip() for line in found]


def _start(region: Region, block: Block, last: Operation) -> int:
    """Where the operations of a block begin, with the comments before them."""
    tree = last.tree
    if block.label < 0:
        return tree.tokens.ends[region.open]
    opened = block.label + 1
    colon = tree.partners[opened] + 1 if tree.tokens.word(opened) == b"(" else opened
    return tree.tokens.ends[colon]


def indented(found: list[str], indent: str) -> list[str]:
    """Lines behind an indent; empty ones stay empty."""
    return [f"{indent}{line}" if line else line for line in found]


def step_of(operation: Operation) -> str:
    """By what the text around an operation is indented for each level, as far as its own indent tells."""
    return "\t" if places.indent(operation).endswith("\t") else "  "


def captured(reading: Reading) -> list[str]:
    """The values that a region uses from around the operation, in the order of the text."""
    operation, known = reading.call.operation, reading.piece.fact(scopes.names)
    tree, found = operation.tree, dict[str, None]()
    for region in operation.regions:
        for token in range(region.open, region.close):
            defined = known.at.get(token)
            if tree.tokens.kinds[token] != Kind.VALUE or (
                defined and operation.first <= defined.token < operation.last
            ):
                continue
            number, word = known.number(token), tree.tokens.word(token).decode("utf-8", "replace")
            is_numbered = tree.tokens.word(token + 1) == b"#%d" % number
            found[f"{word}#{number}" if is_numbered else word] = None
    return list(found)
