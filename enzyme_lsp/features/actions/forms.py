"""Forms: the edits that put an operation in generic form, or in its custom form again, as an engine writes it.

They keep names, recorded locations, aliases and the spelling; comments inside go above. A text that an engine
does not read as the same module is not put anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.actions.places import operation_at
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.columns import blanks_at, line_start
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import generic_form as engine_form
from enzyme_lsp.verification.asking import Refusal

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.verification.generic_form import Form
    from enzyme_lsp.workspace.snapshot import Snapshot

_PRINTED_INDENT: Final = 2
"""Blanks for each level in what an engine prints."""


def converted(snapshot: Snapshot, index: int, operation: Operation, wanted: Form) -> Steps[EditSet]:
    """Puts an operation of piece `index` in a form. Raises `RefusedError` with the reason when that cannot be done."""
    text = yield from engine_form.form(snapshot, index, operation, wanted, with_locations=True)
    if isinstance(text, Refusal):
        raise RefusedError(text.reason)
    reason = "this has no such form"
    # Where a name does not fit in the place of what it stands for, that is written out.
    for one in dict.fromkeys((shortened(snapshot, index, operation, text), text)):
        edits = _edits(snapshot, index, operation, one)
        problem = yield from engine_form.is_same(snapshot, index, edits)
        if problem is None:
            return edits
        reason = problem.reason
    raise RefusedError(reason)


def convertible(snapshot: Snapshot, span: Span) -> tuple[int, Operation] | None:
    """The operation at a place that can be asked about, with its piece; None where no word of one stands."""
    found = operation_at(snapshot, span)
    if found is None or snapshot.layout.pieces[found[0]].kind is not PieceKind.ITEM:
        return None
    index, operation = found
    is_at_word = operation.tree.tokens.at(max(span.start - snapshot.offset(index), 0)) is not None
    return found if operation.name_token >= 0 and is_at_word else None


def shortened(snapshot: Snapshot, index: int, operation: Operation, text: bytes) -> bytes:
    """What is put in the place of an operation, with the aliases that it uses."""
    tokens, named = operation.tree.tokens, range(operation.first, operation.last)
    used = dict.fromkeys(decode(tokens.word(i)) for i in named if tokens.kinds[i] in (Kind.HASH, Kind.BANG))
    return engine_form.with_aliases(text, used, snapshot.alias_texts[snapshot.scope_of(index).section])


def _edits(snapshot: Snapshot, index: int, operation: Operation, text: bytes) -> EditSet:
    data, start = snapshot.document.data, snapshot.offset(index)
    span = operation.span.shifted(start)
    line = line_start(data, span.start)
    blanks = blanks_at(data, line)
    tokens = operation.tree.tokens
    comments = [
        tokens.text[first:last].rstrip() for first, last in tokens.comments if operation.span.covers(Span(first, last))
    ]
    above = b"".join(comment + b"\n" + blanks for comment in comments)
    new = _indented(text, blanks, _indent(snapshot, index, operation, blanks))
    first = line + len(blanks)
    if first == span.start:
        return EditSet([Edit(span, above + new)])
    return EditSet([Edit(Span(first, first), above), Edit(span, new)] if above else [Edit(span, new)])


def _indent(snapshot: Snapshot, index: int, operation: Operation, blanks: bytes) -> bytes:
    """The blanks by which the text moves a level in, as far as this operation or the one around it shows."""
    data, start, tokens = snapshot.document.data, snapshot.offset(index), operation.tree.tokens
    inside = (one for region in operation.regions for block in region.blocks for one in block.operations)
    for one in inside:
        if tokens.starts_line(one.first):
            deeper = blanks_at(data, line_start(data, start + tokens.starts[one.first]))
            if deeper.startswith(blanks) and len(deeper) > len(blanks):
                return deeper[len(blanks) :]
    return b"\t" if b"\t" in blanks else b" " * _PRINTED_INDENT


def _indented(text: bytes, blanks: bytes, indent: bytes) -> bytes:
    """A printed text as it stands behind `blanks`."""
    first, *others = text.split(b"\n")
    lines = [first]
    for line in others:
        bare = line.lstrip(b" ")
        levels, more = divmod(len(line) - len(bare), _PRINTED_INDENT)
        lines.append(blanks + indent * levels + b" " * more + bare)
    return b"\n".join(lines)
