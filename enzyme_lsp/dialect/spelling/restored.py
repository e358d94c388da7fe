"""Restored: what upstream MLIR prints of Enzyme's operations, as the dialect has them: the way back from `generic.py`.

They stay in generic form. The sizes of groups that IRDL wants go, the ends of their regions and the words of activities
get their own names back; lines stay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import irdl
from enzyme_lsp.dialect.spelling.generic import KEPT, REGION_ENDS
from enzyme_lsp.syntax.parse import parse, type_end
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation

_ACTIVITY: Final = re.compile(rb'(#enzyme\.activity<)"([\w$.]+)"(?=>)', re.ASCII)
_COMMA: Final = frozenset({b","})
_SIZES: Final = frozenset({"operandSegmentSizes", "resultSegmentSizes"})


def as_meant(printed: str, read: str) -> str:
    """What an engine has printed that reads a spelling, as the dialect itself has it."""
    return restored(printed.encode()).decode() if read == "generic" else printed


def restored(printed: bytes) -> bytes:
    """The text of a module without what was put there for upstream MLIR."""
    if b"enzyme" not in printed:
        return printed
    printed = _ACTIVITY.sub(rb"\1\2", printed)
    if b"SegmentSizes" not in printed and irdl.STAND_IN.encode() not in printed:
        return printed
    edits: list[Edit] = []
    pending: list[tuple[Operation, str]] = [(one, "") for one in parse(printed).operations]
    while pending:
        operation, holder = pending.pop()
        if operation.name == irdl.STAND_IN and holder in REGION_ENDS:
            name = REGION_ENDS[holder].encode()
            edits.append(Edit(operation.name_span, b'"%s"' % name if operation.is_generic else name))
        elif operation.name in irdl.SPREAD:
            edits += _without_sizes(operation)
        for region in operation.regions:
            for block in region.blocks:
                pending += [(one, operation.name) for one in block.operations]
    return EditSet(sorted(edits, key=lambda edit: edit.span)).apply(printed)


def _without_sizes(operation: Operation) -> Iterator[Edit]:
    """The edit of the attributes of an operation, which stand before its type."""
    tree, tokens = operation.tree, operation.tree.tokens
    open_ = next((index for index in operation.own_tokens(operation.name_token) if _opens(operation, index)), -1)
    if open_ < 0:
        return
    kept, first, close = list[bytes](), open_ + 1, tree.partners[open_]
    while first < close:
        end = type_end(tree, first, close, _COMMA)
        key = tokens.word(first).decode("utf-8", "replace")
        text = tree.span(first, end).of(tokens.text)
        if key == KEPT:
            kept.append(b"operandSegmentSizes" + text[len(KEPT) :])
        elif key not in _SIZES:
            kept.append(text)
        first = end + 1
    span = Span(tokens.ends[open_ - 1], tokens.ends[close])
    new = b" {" + b", ".join(kept) + b"}" if kept else b""
    missing = span.of(tokens.text).count(b"\n") - new.count(b"\n")
    yield Edit(span, new + b"\n" * missing)


def _opens(operation: Operation, index: int) -> bool:
    """Whether a token opens a dictionary of the operation."""
    tree = operation.tree
    is_region = any(region.open == index for region in operation.regions)
    return tree.tokens.word(index) == b"{" and not is_region and tree.partners[index] > index
