"""Masking: the text of a piece as it is sent to an engine: the same lines, without what would mislead.

Recorded locations (`loc(...)`) are blanked, since an engine reports errors at them instead of at the text. What is not
in the spelling that the engine reads is converted. Operations of dialects that it does not know are replaced by values
of the same types, so that it reads the rest. Every line stays where it is, but those inside a replaced operation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from enzyme_lsp.dialect import spelling
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.origins import UNTOUCHED, Origins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.engines.api import Spelling
    from enzyme_lsp.syntax.nodes import Operation

_NOT_A_BREAK: Final = re.compile(rb"[^\n\r]")
# Group 1: `loc(`; 2: another opening parenthesis; 3: a closing one. Strings and comments are passed over.
_LOCATION_STEP: Final = re.compile(rb'"(?:[^"\\\n\r]|\\[^\n\r])*"?|//[^\n\r]*|(?<![\w$.])(loc[ \t]*\()|(\()|(\))')
_OURS: Final = "enzyme"
_BEFORE_A_VALUE: Final = frozenset({b"=", b"[", b",", b"(", b"<", b""})
_TYPE_STOPS: Final = frozenset({b"{", b"loc", b"}"})


@dataclass(frozen=True, slots=True)
class Masked:
    """A piece's text for an engine, and how it differs from the piece, in bytes from the start of the piece.

    `origins` has all that was changed but for the blanks in the place of locations. `replaced` are the operations that
    are not in the text; `is_faithful`: the text says what the piece says.
    """

    text: bytes
    origins: Origins = UNTOUCHED
    replaced: tuple[Operation, ...] = ()
    is_faithful: bool = True

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What was changed, in order."""
        return self.origins.edits


def without_locations(piece: Piece) -> bytes:
    """The piece's text, as long as before, with recorded locations blanked. Use through `piece.fact`."""
    blanks = _blanks(piece)
    return EditSet(blanks).apply(piece.text) if blanks else piece.text


def masked(piece: Piece, target: Spelling) -> Masked:
    """The piece's text without locations, in the spelling `target`; computed once.

    In the place of an operation of Enzyme's that cannot be converted stands one that is much like it, or else values of
    the types of its results, where the text shows them.
    """
    return piece.fact(_IN[target])


def _as_written(piece: Piece) -> Masked:
    return Masked(piece.fact(without_locations))


def _in_classic(piece: Piece) -> Masked:
    return _converted(piece, "classic")


def _in_strict(piece: Piece) -> Masked:
    return _converted(piece, "strict")


def _in_generic(piece: Piece) -> Masked:
    return _converted(piece, "generic")


_IN: Final = {"none": _as_written, "classic": _in_classic, "strict": _in_strict, "generic": _in_generic}


def _converted(piece: Piece, target: spelling.Read) -> Masked:
    converted = spelling.converted(piece, target)
    if not converted.edits and not converted.left:
        return piece.fact(_as_written)
    return _without(piece, frozenset(), target) or piece.fact(_as_written)


class Replacing(Protocol):
    """What stands in the place of operations."""

    def replacement(self, operation: Operation) -> bytes | None:
        """The text for the place of an operation, in as many lines; None when there is none."""
        ...

    def behind(self) -> bytes:
        """What must stand behind the piece in which operations were replaced, in the same line."""
        ...


def without_dialects(
    piece: Piece, dialects: frozenset[str], target: Spelling, replacing: Replacing | None = None
) -> Masked | None:
    """As `masked`, and without the operations of `dialects`, in whose place stand values or what `replacing` says.

    None when that cannot be done: an operation of them ends a block of an operation that stays, or its results have
    types that the text does not show.
    """
    if not any(piece.mentions(dialect.encode() + b".") for dialect in dialects):
        return masked(piece, target)
    return _without(piece, dialects, target, replacing)


def _without(
    piece: Piece, dialects: frozenset[str], target: Spelling, replacing: Replacing | None = None
) -> Masked | None:
    replacement = replacing.replacement if replacing is not None else _replacement
    converted = spelling.converted(piece, target) if target != "none" else None
    left = (
        {id(one.unit.operation) for one in converted.left if not one.stand_in} if converted is not None else set[int]()
    )
    replaced: list[Operation] = []
    patches: list[Edit] = []
    pending = list(reversed(piece.tree.operations))
    while pending:
        operation = pending.pop()
        dialect = operation.name.partition(".")[0]
        is_unknown = dialect in dialects and "." in operation.name
        if is_unknown or (dialect == _OURS and id(operation) in left):
            patch = replacement(operation) if is_unknown else _replacement(operation)
            if patch is None and not is_unknown and target == "generic":
                patch = _refused(operation)
            if patch is None and is_unknown:
                return None
            if patch is not None:
                replaced.append(operation)
                patches.append(Edit(operation.span, patch))
                continue
        for region in operation.regions:
            for block in region.blocks:
                # A block of values alone has no terminator; what `replacing` puts there may be one as well as this is.
                last = block.operations[-1] if block.operations and replacing is None else None
                if last is not None and last.name.partition(".")[0] in dialects and "." in last.name:
                    return None  # the block would lose its terminator
                pending.extend(reversed(block.operations))
    if replacing is not None:
        end = len(piece.text)
        patches.append(Edit(Span(end, end), replacing.behind()))
    patches.sort(key=lambda edit: edit.span)
    blanks = _apart(_blanks(piece), patches)
    wanted = [*converted.edits, *(edit for one in converted.left for edit in one.stand_in)] if converted else []
    edits = sorted([*patches, *_apart(_apart(wanted, patches), blanks)], key=lambda edit: edit.span)
    text = EditSet([*edits, *blanks]).apply(piece.text)
    return Masked(
        text, Origins.of(edits), tuple(replaced), is_faithful=not replaced and not (converted and converted.left)
    )


def _blanks(piece: Piece) -> list[Edit]:
    """Blanks for every recorded location."""
    if piece.kind is PieceKind.ALIAS:
        return []
    return [Edit(span, _blank(span.of(piece.text))) for span in _locations(piece.text)]


def _apart(edits: Sequence[Edit], others: Sequence[Edit]) -> list[Edit]:
    """Those of `edits` that have nothing in common with one of `others`, which are in order and disjoint."""
    starts = [other.span.start for other in others]
    found: list[Edit] = []
    for edit in edits:
        index = bisect_right(starts, edit.span.start) - 1
        inside = index >= 0 and edit.span.start < others[index].span.end
        around = index + 1 < len(others) and others[index + 1].span.start < edit.span.end
        if not inside and not around:
            found.append(edit)
    return found


def _locations(text: bytes) -> list[Span]:
    """Every `loc(...)` that only records a place: those of operations and of arguments, and none that is a value.

    A scan of its own, since the first verdict on a file of ten thousand functions must not parse them all before.
    """
    if b"loc" not in text:
        return []
    found: list[Span] = []
    start, depth = -1, 0
    for step in _LOCATION_STEP.finditer(text):
        group = step.lastindex
        if group == 1 and depth == 0:
            # A bounded look back: what stands before is one blank away in nearly all texts.
            if text[max(0, step.start() - 200) : step.start()].rstrip()[-1:] not in _BEFORE_A_VALUE:
                start, depth = step.start(), 1
        elif depth and group in (1, 2):
            depth += 1
        elif depth and group == 3:
            depth -= 1
            if depth == 0:
                found.append(Span(start, step.end()))
    return found


def _replacement(operation: Operation) -> bytes | None:
    """Text with the results of `operation`, their types, and as many lines; None when the types are not to be seen."""
    text = operation.span.of(operation.tree.tokens.text)
    breaks = text.count(b"\n")
    if not operation.results:
        return b"\n" * breaks
    types = _result_types(operation)
    if types is None:
        return None
    tree, tokens = operation.tree, operation.tree.tokens
    named = tree.span(operation.first, operation.name_token).of(tokens.text)
    return (
        b" ".join(named.split()) + b' "builtin.unrealized_conversion_cast"() : () -> (' + types + b")" + b"\n" * breaks
    )


def _refused(operation: Operation) -> bytes:
    """Text with the results of `operation` that upstream MLIR refuses there; of the custom form it names no place."""
    text = operation.span.of(operation.tree.tokens.text)
    named = operation.tree.span(operation.first, operation.name_token).of(operation.tree.tokens.text)
    return b" ".join(named.split()) + b' "builtin.unrealized_conversion_cast"() : () -> ()' + b"\n" * text.count(b"\n")


def _result_types(operation: Operation) -> bytes | None:
    """What stands behind the last `->`, or else behind the last `:`, of the operation itself, without parentheses."""
    tree, tokens = operation.tree, operation.tree.tokens
    mark = -1
    index = operation.name_token + 1
    while index < operation.last:
        word = tokens.word(index)
        if word == b"->" or (word == b":" and (mark < 0 or tokens.word(mark) == b":")):
            mark = index
        if tokens.kinds[index] == Kind.OPEN and tree.partners[index] > index:
            index = tree.partners[index]
        index += 1
    if mark < 0 or mark + 1 >= operation.last:
        return None
    first, end = mark + 1, type_end(tree, mark + 1, operation.last, _TYPE_STOPS)
    if tokens.word(first) == b"(" and tree.partners[first] == end - 1:
        first, end = first + 1, end - 1
    count = sum(result.count for result in operation.results)
    types = b" ".join(tree.span(first, end).of(tokens.text).split()) if end > first else b""
    listed = _count_types(operation, first, end)
    return types if types and listed == count else None


def _count_types(operation: Operation, first: int, last: int) -> int:
    count, index = 0, first
    while index < last:
        index = type_end(operation.tree, index, last, frozenset({b","})) + 1
        count += 1
    return count


def _blank(text: bytes) -> bytes:
    return _NOT_A_BREAK.sub(b" ", text)
