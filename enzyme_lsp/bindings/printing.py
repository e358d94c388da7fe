"""Printing: a module as text that an engine reads, in its spelling, or as upstream MLIR reads it under IRDL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from enzyme_lsp.dialect import activity, irdl
from enzyme_lsp.dialect import spelling as spellings
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.dialect.spelling import Spelling
from enzyme_lsp.dialect.spelling.activities import find
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlir import ir  # pyright: ignore[reportMissingTypeStubs]

    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.syntax.piece import Piece

Form: TypeAlias = Spelling | Literal["irdl"]

_ACTIVITY: Final[dict[Form, str]] = {
    "classic": "#enzyme<activity {}>",
    "strict": "#enzyme.activity<{}>",
    "irdl": '#enzyme.activity<"{}">',
}
_SEGMENTS: Final = ("operandSegmentSizes", "resultSegmentSizes")


def text(module: ir.Module | ir.Operation | ir.OpView, *, spelling: Form = "classic") -> str:
    """A module, or an operation, as text.

    In `classic` and `strict` the operations that differentiate or batch have their custom form; `irdl` is what upstream
    MLIR reads in a context with the dialect registered.
    """
    data = _edited(
        str(module).encode(), lambda piece: _activities(piece, spelling if spelling == "irdl" else "classic")
    )
    if spelling == "irdl":
        return _edited(data, _with_segments).decode()
    data = _edited(data, _customized)
    return (_edited(data, _strict) if spelling == "strict" else data).decode()


def _edited(data: bytes, edits: Callable[[Piece], Iterable[Edit]]) -> bytes:
    layout = Layout.of(data)
    return EditSet(
        spellings.shifted(edit, start)
        for start, piece in zip(layout.starts, layout.pieces, strict=True)
        for edit in edits(piece)
    ).apply(data)


def _activities(piece: Piece, form: Form) -> Iterator[Edit]:
    if not piece.mentions(b"#enzyme"):
        return
    for one in find(piece.tree.tokens, Span(0, len(piece.text))):
        written = activity.read(one.span.of(piece.text))
        if written is not None and one.match is not None:
            yield Edit(one.span, _ACTIVITY[form].format(written.word).encode())


def _strict(piece: Piece) -> Iterable[Edit]:
    return spellings.converted(piece, "strict").edits


def _customized(piece: Piece) -> Iterator[Edit]:
    for call in derivative_calls(piece):
        if not call.operation.is_generic or call.callee_span is None:
            continue
        name = f"{call.op.name} ".encode() + call.callee_span.of(piece.text)
        kept = [entry for entry in _entries(call, piece) if entry[0] not in ("fn", *_SEGMENTS)]
        yield Edit(call.operation.name_span, name)
        yield from _rewritten(call, kept)


def _with_segments(piece: Piece) -> Iterator[Edit]:
    for call in derivative_calls(piece):
        written = call.type
        if not call.operation.is_generic or written is None or call.callee_span is None:
            continue
        made = [irdl.segments([one.text for one in some or ()]) for some in (written.operands, written.results)]
        kept = [entry for entry in _entries(call, piece) if entry[0] not in _SEGMENTS]
        for key, sizes in zip(_SEGMENTS, made, strict=True):
            if sizes is not None:
                kept.append((key, f"array<i32: {', '.join(map(str, sizes))}>"))
        yield from _rewritten(call, sorted(kept))


def _entries(call: DerivativeCall, piece: Piece) -> list[tuple[str, str]]:
    return [(entry.key, entry.value_span.of(piece.text).decode()) for entry in call.entries]


def _rewritten(call: DerivativeCall, entries: list[tuple[str, str]]) -> Iterator[Edit]:
    """All that stands between the operands and the type, which are attributes alone."""
    if call.operands_inside is None or call.type is None:
        return
    # An entry that is a name alone, a unit, has that as its value.
    inside = ", ".join(key if key == value else f"{key} = {value}" for key, value in entries)
    yield Edit(Span(call.operands_inside.end + 1, call.type.span.start), f" {{{inside}}} : ".encode())
