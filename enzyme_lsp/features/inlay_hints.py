"""Inlay hints: what each operand and result of a differentiation op is for, result types where the text has none, and
on request where the arguments of blocks come from.

Each kind is a setting. Names in hints are those of the calling convention: primal, shadow, seed, gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect.convention import Role, Side
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS
from enzyme_lsp.features.block_sources import sources
from enzyme_lsp.features.told_types import origin
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, KnownTypes, PieceTypes, untyped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


_LONGEST_TYPE: Final = 60
"""Characters of a type that are shown in the text; the tooltip has all."""
_SOURCES: Final = 4
"""Values of a block's argument that are shown in the text."""


class HintKind(Enum):
    """What a hint says."""

    PARAMETER = "parameter"
    """What a value is for; stands before it."""
    TYPE = "type"
    """What a result is; stands behind it."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Words that an editor shows at a byte of the document, and what it tells when asked for more."""

    offset: int
    label: str
    kind: HintKind
    tooltip: str


def inlay_hints(snapshot: Snapshot, span: Span, known: KnownTypes = NOTHING_KNOWN) -> tuple[Hint, ...]:
    """The hints in a span of the document, in order; `known` are the types that an engine has told.

    Raises `Outdated` when an edit has come.
    """
    settings = snapshot.settings.hints
    layout = snapshot.layout
    first, last = layout.index_near(span.start), layout.index_near(span.end)
    if first is None or last is None:
        return ()
    found: list[Hint] = []
    for index in range(first, last + 1):
        snapshot.check_current()
        offset = snapshot.offset(index)
        for reading in snapshot.readings_in(index):
            if settings.operands:
                found += _moved(_operands(reading), offset)
            if settings.results:
                found += _moved(_results(reading), offset)
        if settings.types:
            found += _moved(_types(layout.pieces[index], known.of(snapshot, index), known), offset)
        if settings.block_arguments:
            found += _moved(_sources(layout.pieces[index]), offset)
    return tuple(sorted((hint for hint in found if span.start <= hint.offset <= span.end), key=lambda one: one.offset))


def _moved(hints: Iterator[Hint], offset: int) -> Iterator[Hint]:
    return (Hint(hint.offset + offset, hint.label, hint.kind, hint.tooltip) for hint in hints)


def _operands(reading: Reading) -> Iterator[Hint]:
    """`primal x:` before each operand that fits its slot; where one does not, what is meant is not known."""
    alignment, convention = reading.operand_alignment, reading.slots
    if alignment is None or convention is None:
        return
    for pair in alignment.pairs:
        if pair.fits and pair.slot is not None and pair.written is not None:
            slot = convention.operands[pair.slot]
            at = reading.call.operands[pair.written].span.start
            tooltip = f"{slots.operand(reading, slot)}: {slot.type}"
            yield Hint(at, f"{_label(reading, slot)}:", HintKind.PARAMETER, tooltip)


def _results(reading: Reading) -> Iterator[Hint]:
    """What each result is, behind its name; with one name for several, behind its type."""
    alignment, convention = reading.result_alignment, reading.slots
    if alignment is None or convention is None:
        return
    tokens = reading.call.operation.tree.tokens
    bound = reading.call.operation.results
    alone = len(bound) == len(convention.results) and all(one.count == 1 for one in bound)
    written = reading.call.type
    for pair in alignment.pairs:
        if not pair.fits or pair.slot is None or pair.written is None:
            continue
        slot = convention.results[pair.slot]
        tooltip = f"{slots.result(reading, slot)}: {slot.type}"
        if alone:
            yield Hint(tokens.ends[bound[pair.written].token], f": {_label(reading, slot)}", HintKind.TYPE, tooltip)
        elif written is not None and written.results is not None:
            at = written.results[pair.written].span.start
            yield Hint(at, f"{_label(reading, slot)}:", HintKind.PARAMETER, tooltip)


def _types(piece: Piece, told: PieceTypes, known: KnownTypes) -> Iterator[Hint]:
    """The types of values that the text does not tell, behind their names."""
    tokens = piece.tree.tokens
    for definition in piece.fact(untyped) if told.types else ():
        types = told.types.get(definition.token)
        if types is None or (definition.operation is not None and definition.operation.name in DERIVATIVE_OPS):
            continue  # what a result of a differentiation op is, is said already
        # With one name for several results, behind their number.
        last = definition.token + 2 if tokens.word(definition.token + 1) == b":" else definition.token
        text = ", ".join(types)
        label = text if len(text) <= _LONGEST_TYPE else f"{text[: _LONGEST_TYPE - 1]}…"
        yield Hint(tokens.ends[last], f": {label}", HintKind.TYPE, f"{text}, {origin(known, told)}")


def _sources(piece: Piece) -> Iterator[Hint]:
    """Behind each argument of a block, the values that branches hand to it."""
    tokens = piece.tree.tokens
    for behind, values in piece.fact(sources).items():
        more = [f"{len(values) - _SOURCES} more"] if len(values) > _SOURCES else []
        label = ", ".join([*values[:_SOURCES], *more])
        yield Hint(tokens.ends[behind - 1], f" = {label}", HintKind.TYPE, f"from branches: {', '.join(values)}")


def _label(reading: Reading, slot: Slot) -> str:
    name = _name(reading, slot)
    match slot.role:
        case Role.SHADOW if slot.side is Side.RESULT:
            return f"tangent {slot.index}"
        case Role.SHADOW:
            return f"shadow {name}"
        case Role.SEED:
            return f"seed {slot.index}" if _has_many_results(reading) else "seed"
        case Role.GRADIENT:
            return f"grad {name}"
        case Role.JACOBIAN:
            return f"d {slot.index} / d {name}"
        case Role.PACKED:
            return ", ".join(_label(reading, part) for part in slot.parts)
        case _:
            return f"result {slot.index}" if slot.side is Side.RESULT else f"primal {name}"


def _has_many_results(reading: Reading) -> bool:
    return reading.function is not None and len(reading.function.results) > 1


def _name(reading: Reading, slot: Slot) -> str:
    """The callee's name of an argument without its mark; its number where it has none."""
    signature = reading.signature
    number = slot.by if slot.role is Role.JACOBIAN else slot.index
    name = signature.arguments[number].name if signature is not None and number < len(signature.arguments) else ""
    return name.removeprefix("%") or str(number)
