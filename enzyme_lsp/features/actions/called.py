"""Called: a call of a function at the cursor, and the derivative call that can stand beside it or in its place.

    %0 = func.call @f(%x) : (f64) -> f64

    %seed = arith.constant 1.0 : f64
    %0:2 = enzyme.autodiff @f(%x, %seed) {activity = [active], ret_activity = [active]} : (f64, f64) -> (f64, f64)

Activities follow from the types. Shadows and seeds are values in scope whose names say so, else new ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from enzyme_lsp.checks import rewriting
from enzyme_lsp.derivatives import drafts, forward, reverse, subject, writing
from enzyme_lsp.derivatives.drafts import Value, Wish
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.features.actions import places, stops, trial
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.piece import Piece
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from enzyme_lsp.derivatives.drafts import Asked
    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.derivatives.writing import Style
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.snapshot import Snapshot

Ways: TypeAlias = "Mapping[str, tuple[Mode, str]]"
"""Modes that are offered, each with its title, which has a place for the callee, by the names of the offers."""

_CALLS: Final = frozenset({"call", "func.call", "llvm.call"})
_ASKED_FOR: Final = {Mode.REVERSE: reverse.asked_for, Mode.FORWARD: forward.asked_for}
_RESULT: Final = {Mode.REVERSE: "gradient", Mode.FORWARD: "tangent"}
_COMMA: Final = frozenset({b","})


@dataclass(frozen=True, slots=True)
class Called:
    """A call with an operand for each argument of its callee, which is `subject`; `piece` holds the call."""

    snapshot: Snapshot
    index: int
    operation: Operation
    operands: tuple[str, ...]
    subject: Subject

    @property
    def piece(self) -> Piece:
        return self.snapshot.layout.pieces[self.index]

    @property
    def name(self) -> str:
        """The callee as it is written."""
        return writing.symbol(self.subject.callee.name)


def at(snapshot: Snapshot, span: Span) -> Called | None:
    """The call at a place; None where there is none, or its callee is not in the document."""
    found = places.operation_at(snapshot, span)
    if found is None or found[1].name not in _CALLS:
        return None
    index, operation = found
    written = _written(operation)
    if written is None:
        return None
    name, operands = written
    callee = snapshot.resolve(index, places.table_of(places.around(operation)), name)
    if callee is None:
        return None
    place = callee.definition.span.start + callee.offset
    of = subject.at(snapshot, Span(place, place))
    if of is None or len(of.callee.arguments) != len(operands) or (callee.signature and callee.signature.variadic):
        return None
    if sum(one.count for one in operation.results) not in (0, len(of.callee.results)):
        return None
    return Called(snapshot, index, operation, operands, of)


def offered(snapshot: Snapshot, span: Span, ways: Ways, *, replaces: bool) -> Iterator[Offer]:
    """Each of some ways, for the call at a place."""
    call = at(snapshot, span)
    if call is None:
        return
    for id_, (mode, title) in ways.items():
        yield Offer(id_, title.format(call.name), _refusal(call, mode, replaces=replaces))


def applied(snapshot: Snapshot, span: Span, way: tuple[Mode, str] | None, *, replaces: bool) -> EditSet:
    """The edits of a way that was offered; none when that is none, or refused."""
    call = at(snapshot, span)
    if call is None or way is None or _refusal(call, way[0], replaces=replaces) is not None:
        return EditSet(())
    return places.placed(snapshot, call.index, _edits(call, way[0], replaces=replaces).edits)


def _refusal(called: Called, mode: Mode, *, replaces: bool) -> str | None:
    """Why there is no derivative of the call in a mode; None when there is one."""
    of = called.subject
    if of.obstacle:
        return of.obstacle
    if of.operation.tree is called.operation.tree and of.operation.span.covers(called.operation.span):
        return f"the derivative of {called.name} would be taken inside {called.name} itself"
    try:
        asked = _asked(called, mode, replaces=replaces)
        slots = drafts.of_asked(of.callee, asked)
        if any(slot.type is None for slot in (*slots.operands, *slots.results)):
            return "not all types of its derivative can be told"
        values = [f"%v{number}" for number in range(len(slots.operands))]
        text = "\n".join(_operation(called, asked, values, "%r"))
    except RefusedError as refused:
        return str(refused)
    home, aliases = called.snapshot.layout.pieces[of.piece], _aliases(called)
    found = trial.mistakes(text.encode(), home, of.operation, symbols.signature(of.operation), aliases)
    return next((message for _, message in found), None)


def _edits(called: Called, mode: Mode, *, replaces: bool) -> EditSet:
    """What puts the derivative in the place of the call, or behind it, in bytes of the piece.

    New constants and the new name of what it gives are stops.
    """
    new, found = _named_edits(called, mode, replaces=replaces)
    return stops.led(EditSet(found), stops.constants, stops.value(new))


def _named_edits(called: Called, mode: Mode, *, replaces: bool) -> tuple[str, list[Edit]]:
    """A name that nothing has, and the edits, which may use it."""
    asked = _asked(called, mode, replaces=replaces)
    slots = drafts.of_asked(called.subject.callee, asked)
    operation, piece = called.operation, called.piece
    indent = places.indent(operation)
    begin = operation.span.start if replaces else places.end_of_line(piece.text, operation.span.end)
    names, lines = _values(called, asked, slots.operands, begin)
    wanted = _RESULT[mode] + "s" * (len(slots.results) > 1)
    new = rewriting.unused_in(piece, wanted, names)
    if not replaces:
        text = f"\n{indent}".join(["", *lines, *_operation(called, asked, names, new)])
        return new, [Edit(Span(begin, begin), text.encode())]
    before = [Edit(Span(begin, begin), "".join(f"{line}\n{indent}" for line in lines).encode())] if lines else []
    location = operation.location
    place = f" {_text(operation, *location)}" if location is not None else ""
    if not operation.results or any(slot.role is Role.PACKED for slot in slots.results):
        text = [*_operation(called, asked, names, new)]
        text[-1] += place
        text += _unpacked(operation, slots.results, new)
        return new, [*before, Edit(operation.span, f"\n{indent}".join(text).encode())]
    binding = rewriting.rebound(piece, operation, [_number(slot) for slot in slots.results])
    text = f"\n{indent}".join(_operation(called, asked, names, None)) + place
    rest = Span(operation.name_span.start, operation.span.end)
    return new, [*before, *(binding.edits if binding is not None else ()), Edit(rest, text.encode())]


def _number(slot: Slot) -> int | None:
    """The result of the call that a result of its derivative is; None for derivatives."""
    return slot.index if slot.role is Role.PRIMAL and slot.side is Side.RESULT else None


def _unpacked(operation: Operation, results: Sequence[Slot], name: str) -> list[str]:
    """The lines that take the result of the call out of a struct."""
    if not operation.results or len(results) != 1 or results[0].role is not Role.PACKED:
        return []
    result = _text(operation, operation.results[0].token, operation.results[0].token + 1)
    number = next((number for number, part in enumerate(results[0].parts) if _number(part) is not None), None)
    return [] if number is None else [f"{result} = llvm.extractvalue {name}[{number}] : {results[0].type}"]


def _asked(called: Called, mode: Mode, *, replaces: bool) -> Asked:
    """What the derivative is asked for. Raises RefusedError.

    The results of the call come too where something uses them.
    """
    with_primal = replaces and rewriting.has_uses(called.piece, called.operation)
    return _ASKED_FOR[mode](called.subject, Wish(with_primal=with_primal))


def _values(called: Called, asked: Asked, slots: Sequence[Slot], begin: int) -> tuple[list[str], list[str]]:
    """The operands of the derivative, and the lines that make new ones.

    The derivative is read in its place, with names that mean nothing, to see which values it could use.
    """
    piece, names = called.piece, list[str]()
    for number, slot in enumerate(slots):
        is_primal = slot.role is Role.PRIMAL
        names.append(called.operands[slot.index] if is_primal else rewriting.unused_in(piece, f"v{number}", names))
    text = "\n".join(_operation(called, asked, names, None)).encode()
    made = Piece(piece.kind, piece.text[:begin] + b"\n" + text + b"\n" + piece.text[begin:], piece.column)
    reading = next(
        Reading(made, call, None, None, None, _aliases(called))
        for call in made.fact(derivative_calls)
        if call.operation.span.start == begin + 1
    )
    lines, chosen, primal = list[str](), list[str](), None
    for slot in slots:
        if slot.role is Role.PRIMAL:
            primal = called.operands[slot.index]
            chosen.append(primal)
            continue
        supply = rewriting.values_for(reading, slot, primal, chosen)[-1]
        chosen.append(supply.name)
        lines += [supply.edit.new.decode().strip()] if supply.edit is not None else []
    return chosen, lines


def _operation(called: Called, asked: Asked, names: Sequence[str], result: str | None) -> list[str]:
    """The lines of the derivative; `result` names what it gives, None: nothing does."""
    callee = called.subject.callee
    slots = drafts.of_asked(callee, asked).operands
    values = [Value(name, drafts.type_text(callee, slot)) for name, slot in zip(names, slots, strict=True)]
    call = drafts.call(callee, asked, values)
    named = writing.bound(call, result) if result is not None else ""
    return list(writing.operation(call, named, _style(called)))


def _style(called: Called) -> Style:
    """How the derivative is written: in the form of the call, and the spelling of the text around its callee."""
    style = writing.Style.of(called.subject, places.indent(called.operation))
    tokens = called.operation.tree.tokens
    own = called.operation.own_tokens()
    has_properties = any(tokens.word(index) == b"<" and tokens.word(index + 1) == b"{" for index in own)
    return replace(style, is_generic=called.operation.is_generic, has_properties=has_properties)


def _written(operation: Operation) -> tuple[str, tuple[str, ...]] | None:
    """The symbol that a call names, and its operands."""
    tree, tokens = operation.tree, operation.tree.tokens
    own = list(operation.own_tokens(operation.name_token + 1))
    if operation.is_generic:
        value = symbols.attribute_value(operation, b"callee")
        named, opened = (-1 if value is None else value[0]), operation.name_token + 1
    else:
        named = next((index for index in own if tokens.kinds[index] == Kind.SYMBOL), -1)
        opened = named + 1
    if named < 0 or tokens.kinds[named] != Kind.SYMBOL or tokens.word(opened) != b"(":
        return None
    close = tree.partners[opened]
    found, index = list[str](), opened + 1
    while index < close:
        end = type_end(tree, index, close, _COMMA)
        found.append(_text(operation, index, end))
        index = end + 1
    return (symbols.symbol_name(tokens.word(named)), tuple(found)) if close > opened else None


def _text(operation: Operation, first: int, last: int) -> str:
    """Tokens as they are written."""
    tree = operation.tree
    return tree.span(first, last).of(tree.tokens.text).decode("utf-8", "replace")


def _aliases(called: Called) -> dict[str, bytes]:
    return called.snapshot.alias_texts[called.snapshot.scope_of(called.index).section]
