"""Whole differentiation ops, filled from their callee: operands, activities, types, in the spelling of the text.

Operands are the values in scope that suit each slot of the calling convention, activities the most likely ones for the
types. Each is a hole, visited in reading order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect import alignment, convention
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.dialect.convention import MODE_OF, Mode, Role, Side
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS
from enzyme_lsp.features import signature_help
from enzyme_lsp.features.completion import attributes, names, spelling, values
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.features.completion.items import Completion, Hole, ItemKind
from enzyme_lsp.features.completion.wanted import Wanted, reading_of
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.dialect.convention import Convention, Slot
    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.features.completion.items import Template
    from enzyme_lsp.syntax.types import Type

_MOST_CALLEES: Final = 5
_MOST_WHOLE: Final = 3
"""Functions for which the operation itself is offered together with them."""
_SHORTEST: Final = 3
"""Letters of `enzyme` from which on."""
_NUMBERED: Final = re.compile(rb"%(\d+)")
_BATCH: Final = 2
_NAMES: Final = tuple(name for name, op in DERIVATIVE_OPS.items() if op.names_callee)


def offered(context: Context) -> Iterator[Completion]:
    """Behind a callee all that follows it; where a callee is due, each function with all that follows; where an
    operation begins, also with the name of the operation before it. Only where the line has nothing more.
    """
    if context.behind.strip():
        return
    if Expected.ARGUMENTS in context.expected:
        yield from _behind_callee(context)
    elif context.name in _NAMES and context.operation is not None and context.last == context.operation.name_token:
        for reading in _readings(context, context.name, _MOST_CALLEES):
            template = _filled(context, reading)
            if template is not None:
                symbol = f"@{names.written(reading.call.callee or '')}"
                yield _item(f"{symbol}(...)", (symbol, *template), reading, _bound(context, reading))
    elif Expected.OPERATION in context.expected and context.typed.startswith(b"enzyme"[:_SHORTEST]):
        yield from _whole(context)


def _whole(context: Context) -> Iterator[Completion]:
    for name in _NAMES:
        for reading in _readings(context, name, _MOST_WHOLE):
            template = _filled(context, reading)
            if template is None:
                continue
            symbol = f"@{names.written(reading.call.callee or '')}"
            bound: Template = ()
            edits = _bound(context, reading)
            given = _given(reading)
            if not context.results and given:
                count = f":{given}" if given > 1 else ""
                bound, edits = (Hole(f"%{_next_number(context)}"), f"{count} = "), ()
            yield _item(f"{name} {symbol}", (*bound, f"{name} {symbol}", *template), reading, edits)


def _behind_callee(context: Context) -> Iterator[Completion]:
    reading = reading_of(context)
    if reading is None or reading.signature is None or reading.call.callee is None:
        return
    found = _reading(context, reading.call.op.name, reading.call.callee)
    template = _filled(context, found) if found is not None else None
    if found is not None and template is not None:
        yield _item("(...)", template, found, _bound(context, found))


def _item(label: str, template: Template, reading: Reading, edits: tuple[Edit, ...]) -> Completion:
    slots_ = _slots(reading)
    given = ", ".join(slots.result(reading, one) for one in slots_.results) if slots_ is not None else ""
    page = f"operation {reading.call.op.name}"
    return Completion(label, ItemKind.DERIVATIVE, template, f"gives {given or 'nothing'}", page, edits)


def _readings(context: Context, name: str, most: int) -> list[Reading]:
    """The operation of each function that has floating point numbers to differentiate, or, to batch, of any."""
    found: list[Reading] = []
    for callee, _ in names.functions(context):
        reading = _reading(context, name, callee)
        if reading is not None and (reading.mode is Mode.BATCH or _is_differentiable(reading)):
            found.append(reading)
            if len(found) == most:
                break
    return found


def _is_differentiable(reading: Reading) -> bool:
    function = reading.function
    if function is None:
        return False
    return any(
        one.is_memory or one.scalar.kind in (TypeKind.FLOAT, TypeKind.COMPLEX)
        for one in (*function.arguments, *function.results)
    )


def _reading(context: Context, name: str, callee: str) -> Reading | None:
    """An operation of a callee, as if it stood at the place without activities and operands."""
    table = next((one.holder for one in reversed(context.place.path) if names.mentions.is_table(one.holder)), None)
    resolved = context.snapshot.resolve(context.index, table, callee)
    if resolved is None or resolved.signature is None or resolved.signature.variadic:
        return None
    shape = f" {{batch_shape = array<i64: {_BATCH}>}}" if MODE_OF[name] is Mode.BATCH else ""
    text = f"{name} @{names.written(callee)}(){shape} : () -> ()"
    piece = Piece(PieceKind.ITEM, text.encode("utf-8", "replace"), 0)
    calls = piece.fact(derivative_calls)
    if not calls:
        return None
    home = context.snapshot.layout.pieces[resolved.piece]
    return Reading(piece, calls[0], home, resolved.definition.operation, resolved.signature, context.aliases)


def _slots(reading: Reading) -> Convention | None:
    if reading.mode is Mode.JACOBIAN:
        return convention.jacobian(reading.function) if reading.function is not None else None
    return signature_help.guessed(reading)


def _filled(context: Context, reading: Reading) -> Template | None:
    """All that follows the callee; None where the types do not tell what it is."""
    found, function = _slots(reading), reading.function
    if found is None or function is None or any(one.type is None for one in (*found.operands, *found.results)):
        return None
    parts: list[str | Hole] = ["("]
    for number, name in enumerate(_operands(context, reading, found)):
        parts += [", "] * bool(number)
        parts.append(Hole(name))
    parts.append(") ")
    strict = spelling.is_strict(context)
    opened, closed = ("<", ">") if strict else ("{", "}")
    parts.append(opened)
    if reading.mode is Mode.BATCH:
        before, behind = ("[", "]") if strict else ("array<i64: ", ">")
        parts += [f"batch_shape = {before}", f"{_BATCH}", behind]
    else:
        for key, side, types in (
            ("activity", Side.ARGUMENT, function.arguments),
            ("ret_activity", Side.RESULT, function.results),
        ):
            parts.append(f"{', ' if side is Side.RESULT else ''}{key} = [")
            parts += _activities(reading, side, types, strict=strict)
            parts.append("]")
    written = _Writer(reading)
    taken = ", ".join(written(one) for one in found.operands)
    given = ", ".join(written(one) for one in found.results)
    parts.append(f"{closed} : ({taken}) -> ")
    parts.append(Hole(given if len(found.results) == 1 else f"({given})"))
    return tuple(parts)


def _activities(reading: Reading, side: Side, types: Sequence[Type], *, strict: bool) -> Iterator[str | Hole]:
    before, _, behind = spelling.activity("|", strict=strict).partition("|")
    for number, type_ in enumerate(types):
        words = tuple(one.value for one in attributes.likely(reading, side, type_))
        yield f"{', ' if number else ''}{before}"
        yield Hole(words[0], words)
        yield behind


class _Writer:
    """Writes the types of slots as the callee has them, where they are the same."""

    def __init__(self, reading: Reading) -> None:
        signature = reading.signature
        typed = (*signature.arguments, *signature.results) if signature is not None else ()
        self._known = {reading.type_of(one.type).text: one.type for one in typed}

    def __call__(self, slot: Slot) -> str:
        text = slot.type.text if slot.type is not None else ""
        return self._known.get(text, text)


def _operands(context: Context, reading: Reading, found: Convention) -> list[str]:
    """A value for each slot: one in scope of the type that no slot has yet, or a name for one that is to come."""
    taken: list[str] = []
    seen = values.in_scope(context)
    primals: dict[int, str] = {}
    for slot in found.operands:
        primal = primals.get(slot.index) if slot.role is Role.SHADOW else None
        due = Wanted(slot.type, prefers=lambda known, s=slot, p=primal: slots.suggested(reading, s, known, p))
        fitting = [
            name
            for name, type_ in values.ranked(context, seen, due)
            if type_ is not None and slot.type is not None and not slot.type.differs(type_)
        ]
        free = [name for name in fitting if name not in taken]
        if slot.role is Role.PRIMAL:
            free = [name for name in free if not _is_for_another(name, fitting)] or free
        name = (free or fitting or [_unused(context, f"%{slots.new_name(reading, slot, primal)}", taken)])[0]
        if slot.role is Role.PRIMAL:
            primals[slot.index] = name
        taken.append(name)
    return taken


def _is_for_another(name: str, others: list[str]) -> bool:
    """Whether the name of a value says that it is a seed, or the shadow of another one."""
    return alignment.suggests_seed(name) or any(alignment.suggests_shadow(name, other) for other in others)


def _unused(context: Context, name: str, taken: list[str]) -> str:
    """A name that the piece does not have yet."""
    known = context.snapshot.layout.pieces[context.index].fact(_value_names)
    candidates = (name, *(f"{name}_{number}" for number in range(len(known) + len(taken) + 1)))
    return next(one for one in candidates if one not in known and one not in taken)


def _value_names(piece: Piece) -> frozenset[str]:
    return frozenset(decode(match) for match in _VALUE.findall(piece.text))


_VALUE: Final = re.compile(rb"%[\w$.-]+")


def _given(reading: Reading) -> int:
    found = _slots(reading)
    return len(found.results) if found is not None else 0


def _bound(context: Context, reading: Reading) -> tuple[Edit, ...]:
    """The edit that binds what the operation gives, where it has no results yet or too few."""
    count, operation = _given(reading), context.operation
    if operation is None or not count or context.piece.kind is PieceKind.ALIAS:
        return ()
    tokens, begin = context.tree.tokens, context.begin
    if not operation.results:
        at = begin + tokens.starts[operation.first]
        times = f":{count}" if count > 1 else ""
        return (Edit(Span(at, at), f"%{_next_number(context)}{times} = ".encode()),)
    if count > 1 and len(operation.results) == 1 and operation.results[0].count == 1:
        at = begin + tokens.ends[operation.results[0].token]
        if tokens.word(operation.results[0].token + 1) == b"=":
            return (Edit(Span(at, at), f":{count}".encode()),)
    return ()


def _next_number(context: Context) -> int:
    """A number that no value of the piece has for its name."""
    whole = context.snapshot.layout.pieces[context.index]
    return max((int(found[:9]) for found in _NUMBERED.findall(whole.text)), default=-1) + 1
